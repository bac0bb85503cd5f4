//! What a source file imports: its `use` trees and the paths in its code, as absolute paths.
//!
//! A path in code counts too, since `crate::cloudflare::x()` is an arrow without any `use`. So do a path behind a name
//! that `use` brought in, a path in an attribute's string, and code of `#[cfg(test)]`.

use std::collections::BTreeMap;

use crate::tokens::{Token, tokens};

/// An absolute path: `crate`, then modules and an item; or the name of another crate first. `*` stands for all.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    pub line: usize,
    pub path: Vec<String>,
}

/// A path as it is written, and the module in which it is.
struct Written {
    line: usize,
    module: Vec<String>,
    path: Vec<String>,
    /// `::name`: another crate, whatever the modules are called.
    leading: bool,
    /// The name that a `use` gives it.
    alias: Option<String>,
}

/// Names that the file's `use` items bring in, with their absolute paths.
type Aliases = BTreeMap<String, Vec<String>>;

/// Everything that the file of `module` imports. An error names what can't be followed.
pub fn imports(module: &[&str], source: &str) -> Result<Vec<Import>, String> {
    let tokens = tokens(source);
    let module = module.iter().map(|name| (*name).to_owned()).collect();
    let mut reader = Reader {
        tokens: &tokens,
        module,
        depth: 0,
        inline_modules: Vec::new(),
        found: Vec::new(),
    };
    reader.read()?;

    // An alias may stand on another one, in any order: as many rounds as there are, at most.
    let mut aliases = Aliases::new();
    let named: Vec<&Written> = reader.found.iter().filter(|written| written.alias.is_some()).collect();
    for _ in 0..=named.len() {
        let known = aliases.len();
        for written in &named {
            if let (Some(path), Some(alias)) = (absolute(written, &aliases)?, &written.alias) {
                aliases.insert(alias.clone(), path);
            }
        }
        if aliases.len() == known {
            break;
        }
    }

    let mut imports = Vec::new();
    for written in &reader.found {
        if let Some(path) = absolute(written, &aliases)? {
            imports.push(Import {
                line: written.line,
                path,
            });
        }
    }
    Ok(imports)
}

/// None for a path that begins with a name of the file's own: an item, a module below it.
fn absolute(written: &Written, aliases: &Aliases) -> Result<Option<Vec<String>>, String> {
    let Some((first, rest)) = written.path.split_first() else {
        return Ok(None);
    };
    if written.leading {
        return Ok(Some(written.path.clone()));
    }
    let mut base = vec!["crate".to_owned()];
    match first.as_str() {
        "crate" => {}
        "self" => base.extend(written.module.clone()),
        "super" => {
            let ups = written.path.iter().take_while(|name| *name == "super").count();
            let kept = written.module.len().checked_sub(ups);
            let kept = kept.ok_or_else(|| format!("line {}: `super` leads out of the crate", written.line))?;
            base.extend(written.module.iter().take(kept).cloned());
            base.extend(rest.iter().skip(ups - 1).cloned());
            return Ok(Some(base));
        }
        name => match aliases.get(name) {
            // `use worker;` names itself.
            Some(path) if *path != written.path => base = path.clone(),
            _ => return Ok(crate::rules::row(crate::rules::CRATES, name).map(|_| written.path.clone())),
        },
    }
    base.extend(rest.iter().cloned());
    Ok(Some(base))
}

struct Reader<'a> {
    tokens: &'a [(Token, usize)],
    /// Of the place being read, with the inline modules around it.
    module: Vec<String>,
    depth: usize,
    /// The depths at which the inline modules began.
    inline_modules: Vec<usize>,
    found: Vec<Written>,
}

impl<'a> Reader<'a> {
    fn read(&mut self) -> Result<(), String> {
        let mut at = 0;
        while at < self.tokens.len() {
            at = match (self.token(at), self.token(at + 1), self.token(at + 2)) {
                (Some(Token::Word(word)), Some(Token::Word(name)), Some(Token::Other('{'))) if word == "mod" => {
                    self.inline_modules.push(self.depth);
                    self.module.push(name.clone());
                    self.depth += 1;
                    at + 3
                }
                (Some(Token::Other('{')), ..) => {
                    self.depth += 1;
                    at + 1
                }
                (Some(Token::Other('}')), ..) => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.inline_modules.last() == Some(&self.depth) {
                        self.inline_modules.pop();
                        self.module.pop();
                    }
                    at + 1
                }
                (Some(Token::Word(word)), Some(Token::Other('!')), Some(Token::Other('('))) if word == "include" => {
                    return Err(format!("line {}: `include!` hides what it imports", self.line(at)));
                }
                (Some(Token::Word(word)), Some(Token::Other('=')), Some(Token::Text(file)))
                    if word == "path" && file.contains(['/', '\\']) =>
                {
                    return Err(format!("line {}: `#[path]` leads to another folder", self.line(at)));
                }
                (Some(Token::Other('=')), Some(Token::Text(text)), _) => {
                    self.attribute(text, self.line(at));
                    at + 2
                }
                (Some(Token::Word(word)), Some(Token::Word(next)), _) if word == "extern" && next == "crate" => {
                    return Err(format!(
                        "line {}: `extern crate` renames what it imports",
                        self.line(at)
                    ));
                }
                // Not the `use<'a>` of a returned `impl Trait`.
                (Some(Token::Word(word)), Some(next), _) if word == "use" && *next != Token::Other('<') => {
                    self.use_item(at + 1)
                }
                (Some(Token::Word(_)), Some(Token::Colons), _) => self.path_in_code(at),
                _ => at + 1,
            };
        }
        Ok(())
    }

    fn token(&self, at: usize) -> Option<&'a Token> {
        self.tokens.get(at).map(|(token, _)| token)
    }

    fn line(&self, at: usize) -> usize {
        self.tokens.get(at).map_or(0, |(_, line)| *line)
    }

    fn find(&mut self, at: usize, path: Vec<String>, leading: bool, alias: Option<String>) {
        self.found.push(Written {
            line: self.line(at),
            module: self.module.clone(),
            path,
            leading,
            alias,
        });
    }

    /// The tree from `at` to its semicolon. Gives the place behind it.
    fn use_item(&mut self, at: usize) -> usize {
        let leading = self.token(at) == Some(&Token::Colons);
        let end = self.use_tree(at + usize::from(leading), Vec::new(), leading);
        (end..self.tokens.len())
            .find(|place| self.token(*place) == Some(&Token::Other(';')))
            .unwrap_or(end)
            + 1
    }

    /// One branch: `a::b`, `a::{..}`, `a::*`, `a as b`. Gives the place behind it.
    fn use_tree(&mut self, mut at: usize, mut path: Vec<String>, leading: bool) -> usize {
        let begin = at;
        loop {
            match self.token(at).cloned() {
                Some(Token::Word(word)) if word == "as" => {
                    let alias = match self.token(at + 1) {
                        Some(Token::Word(alias)) => Some(alias.clone()),
                        _ => None,
                    };
                    self.find(begin, path, leading, alias);
                    return at + 2;
                }
                // `a::{self}` is `a`.
                Some(Token::Word(word)) if word == "self" && !path.is_empty() => at += 1,
                Some(Token::Word(word)) => {
                    path.push(word);
                    at += 1;
                }
                Some(Token::Colons) => at += 1,
                Some(Token::Other('*')) => {
                    path.push("*".to_owned());
                    self.find(begin, path, leading, None);
                    return at + 1;
                }
                Some(Token::Other('{')) => {
                    at += 1;
                    while !matches!(self.token(at), None | Some(Token::Other('}'))) {
                        let end = self.use_tree(at, path.clone(), leading);
                        // Over the comma, or over what belongs to no tree.
                        at = end + usize::from(end == at || self.token(end) == Some(&Token::Other(',')));
                    }
                    return at + 1;
                }
                _ => {
                    let alias = path.last().cloned();
                    self.find(begin, path, leading, alias);
                    return at;
                }
            }
        }
    }

    /// `a::b::c` in code, up to generics, braces or a call. Gives the place behind it.
    fn path_in_code(&mut self, begin: usize) -> usize {
        let before = |back: usize| begin.checked_sub(back).and_then(|at| self.token(at));
        let leading = before(1) == Some(&Token::Colons);
        // `<T as X>::name` and `Vec::<T>::name` go on; `::name` begins.
        let goes_on = leading && matches!(before(2), Some(Token::Word(_) | Token::Other('>')));
        // `pub(in crate::engine)` says who may see an item and imports nothing.
        let visibility =
            matches!(before(1), Some(Token::Word(word)) if word == "in") && before(2) == Some(&Token::Other('('));
        let mut at = begin;
        let mut path = Vec::new();
        while let Some(Token::Word(word)) = self.token(at) {
            path.push(word.clone());
            at += 1;
            if self.token(at) != Some(&Token::Colons) {
                break;
            }
            at += 1;
        }
        if !goes_on && !visibility {
            self.find(begin, path, leading, None);
        }
        at
    }

    /// `#[serde(with = "crate::a::b")]`: code of a derive.
    fn attribute(&mut self, text: &str, line: usize) {
        let tokens: Vec<(Token, usize)> = tokens(text).into_iter().map(|(token, _)| (token, line)).collect();
        let mut reader = Reader {
            tokens: &tokens,
            module: self.module.clone(),
            depth: 0,
            inline_modules: Vec::new(),
            found: Vec::new(),
        };
        for at in 0..tokens.len() {
            if matches!(reader.token(at), Some(Token::Word(word)) if word == "crate" || word == "super") {
                reader.path_in_code(at);
            }
        }
        self.found.append(&mut reader.found);
    }
}
