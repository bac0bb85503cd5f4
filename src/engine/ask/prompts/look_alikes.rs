//! What a model may read as a plain character: full-width and mathematical letters, letters of other scripts that look
//! the same, brackets of other shapes. And what it reads over: invisible characters and marks on a letter.
//!
//! Folding is for comparing only. The text itself stays as it is.

/// Whether a model may read the character as `<`. Asked of every character of every text, so it is no search.
pub(super) fn is_bracket(character: char) -> bool {
    matches!(
        character,
        '<' | '«'
            | '˂'
            | '‹'
            | '\u{1438}'
            | '≪'
            | '≺'
            | '❮'
            | '❰'
            | '⟨'
            | '⟪'
            | '⧼'
            | '⪡'
            | '\u{2329}'
            | '〈'
            | '《'
            | '﹤'
            | '＜'
    )
}

/// The plain character that this one is read as, in lower case. None where it is read over.
pub(super) fn folded(character: char) -> Option<char> {
    let plain = match character {
        '\0'..='\u{7f}' => character,
        _ if is_bracket(character) => '<',
        _ if is_read_over(character) => return None,
        // Full-width forms of all of ASCII.
        '\u{ff01}'..='\u{ff5e}' => offset(character, 0xff01, '!'),
        // Mathematical letters: bold, italic, script and so on, A to Z and a to z each.
        '\u{1d400}'..='\u{1d6a3}' => {
            let letter = (u32::from(character) - 0x1d400) % 52;
            offset_by(letter % 26, 'a')
        }
        // Letters in circles and squares.
        '\u{24b6}'..='\u{24cf}' => offset(character, 0x24b6, 'a'),
        '\u{24d0}'..='\u{24e9}' => offset(character, 0x24d0, 'a'),
        '\u{1f130}'..='\u{1f149}' => offset(character, 0x1f130, 'a'),
        '\u{1f150}'..='\u{1f169}' => offset(character, 0x1f150, 'a'),
        '\u{1f170}'..='\u{1f189}' => offset(character, 0x1f170, 'a'),
        _ => LOOK_ALIKES
            .iter()
            .find(|(_, others)| others.contains(character))
            .map_or(character, |(plain, _)| *plain),
    };
    Some(plain.to_ascii_lowercase())
}

/// The plain characters that our tags are made of, and what looks like them: compatibility forms of Unicode, Cyrillic,
/// Greek, Armenian and Cherokee letters, and Latin letters with a mark of their own.
const LOOK_ALIKES: &[(char, &str)] = &[
    ('/', "⁄∕╱⟋⧸／"),
    ('\\', "∖⧵﹨⧹"),
    ('_', "﹍﹎﹏‿⁀＿‗ˍ"),
    ('a', "аАαΑɑàáâãäåāăąǎȧạảÀÁÂÃÄÅ"),
    ('b', "ЬВΒƅʙ"),
    ('c', "сСϲⅽçćĉċčÇ"),
    ('d', "ԁđďḍ"),
    ('e', "еЕεΕєҽèéêëēĕėęěẹÈÉÊË"),
    ('f', "ƒғ"),
    ('g', "ɡցģğĝġ"),
    ('h', "һҺհнНΗĥħḥ"),
    ('i', "іІιΙıɩӏìíîïīĭįÌÍÎÏİ"),
    ('l', "ӏⅼłĺļľ|Ⅼ"),
    ('m', "мМΜⅿ"),
    ('n', "ոпΝñńņňηÑ"),
    ('o', "оОοΟօσòóôõöøōŏőÒÓÔÕÖØ"),
    ('p', "рРρΡ"),
    ('q', "ԛզ"),
    ('r', "гѓŕŗřгᴦ"),
    ('s', "ѕЅսſśŝşšș"),
    ('t', "тТτΤţťŧț"),
    ('u', "υսսцùúûüũūŭůűųÙÚÛÜ"),
    ('w', "ԝшωŵѡ"),
    ('y', "уУүγýÿŷ"),
];

/// Format characters, marks that stand on a letter, variation selectors, fillers, tags.
fn is_read_over(character: char) -> bool {
    matches!(
        character,
        '\u{80}'..='\u{9f}'
            | '\u{ad}'
            | '\u{300}'..='\u{36f}'
            | '\u{483}'..='\u{489}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{fe20}'..='\u{fe2f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

fn offset(character: char, first: u32, plain_first: char) -> char {
    offset_by(u32::from(character).saturating_sub(first), plain_first)
}

fn offset_by(steps: u32, plain_first: char) -> char {
    char::from_u32(u32::from(plain_first) + steps).unwrap_or(plain_first)
}
