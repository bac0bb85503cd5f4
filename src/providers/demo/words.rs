//! Words that make one part of a prompt need another, in some of the world's languages. In any other language parts are
//! independent.

use crate::text::lower;
/// At the beginning of a part (its first three words): it comes after the part before.
const THEN: [&str; 33] = [
    "then",
    "next",
    "finally",
    "afterwards",
    "lastly",
    "subsequently",
    "dann",
    "danach",
    "anschließend",
    "schließlich",
    "ensuite",
    "puis",
    "enfin",
    "luego",
    "después",
    "finalmente",
    "depois",
    "poi",
    "infine",
    "daarna",
    "vervolgens",
    "sonra",
    "ardından",
    "затем",
    "потом",
    "потім",
    "наконец",
    "سپس",
    "ثم",
    "फिर",
    "다음",
    "następnie",
    "potem",
];
/// Anywhere in a part: it builds on the part before.
const BASED_ON: [&str; 29] = [
    "based on",
    "after that",
    "using the result",
    "using these",
    "using this",
    "using those",
    "from the result",
    "from these",
    "from this",
    "building on",
    "auf grundlage",
    "basierend auf",
    "auf basis",
    "à partir de",
    "en fonction de",
    "basado en",
    "a partir de",
    "com base em",
    "in base a",
    "на основе",
    "بر اساس",
    "بناء على",
    "然后",
    "接着",
    "基于",
    "根据",
    "それから",
    "に基づ",
    "바탕으로",
];
/// The beginning of a word anywhere in a part: it looks at everything before.
const AGGREGATES: [&str; 33] = [
    "compar",
    "contrast",
    "summar",
    "conclu",
    "combin",
    "recommend",
    "synthes",
    "overall",
    "vergleich",
    "zusammenfass",
    "fasse",
    "empfehl",
    "empfiehl",
    "résum",
    "recommand",
    "resumir",
    "resuma",
    "resumen",
    "resúm",
    "recomend",
    "recomiend",
    "riassum",
    "confront",
    "samenvat",
    "vergelijk",
    "karşılaştır",
    "özet",
    "сравн",
    "обобщ",
    "подыт",
    "порівн",
    "porówn",
    "podsumu",
];
/// The same in scripts where a word is not simply found by its beginning.
const AGGREGATES_ANYWHERE: [&str; 18] = [
    "مقایسه",
    "خلاصه",
    "جمع‌بندی",
    "جمع بندی",
    "نتیجه‌گیری",
    "قارن",
    "مقارنة",
    "لخص",
    "ملخص",
    "比较",
    "比較",
    "总结",
    "總結",
    "まとめ",
    "要約",
    "비교",
    "요약",
    "तुलना",
];

/// How a part of a prompt hangs on those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    None,
    /// On the part before.
    Previous,
    /// On everything before.
    All,
}

pub(super) fn link(part: &str) -> Link {
    // The beginning of a part decides; a pasted book needn't be searched.
    let lower = lower(&part.chars().take(400).collect::<String>());
    let words = || {
        lower
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
    };
    if words().any(is_aggregate) || AGGREGATES_ANYWHERE.iter().any(|word| lower.contains(word)) {
        Link::All
    } else if words().take(3).any(|word| THEN.contains(&word)) || BASED_ON.iter().any(|phrase| lower.contains(phrase)) {
        Link::Previous
    } else {
        Link::None
    }
}

/// What follows a leading "compare", "summarise" and so on, None where the text begins with something else.
pub(super) fn after_leading_aggregate(text: &str) -> Option<&str> {
    let trimmed = text.trim_start();
    let end = trimmed.find(|c: char| !c.is_alphanumeric())?;
    let (first, rest) = trimmed.split_at(end);
    is_aggregate(&lower(first)).then_some(rest.trim())
}

fn is_aggregate(word: &str) -> bool {
    AGGREGATES.iter().any(|start| word.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_order_and_of_overview_make_links_in_several_languages() {
        for (part, expected) in [
            ("Compare the two", Link::All),
            ("Write a summary", Link::All),
            ("Summarise everything", Link::All),
            ("Summarize everything", Link::All),
            ("Vergleiche beide", Link::All),
            ("در پایان مقایسه کن", Link::All),
            ("最后总结", Link::All),
            ("Сравните оба", Link::All),
            ("Then write a draft", Link::Previous),
            ("and then write a draft", Link::Previous),
            ("Write a plan based on it", Link::Previous),
            ("Danach schreibe einen Brief", Link::Previous),
            ("سپس یک نامه بنویس", Link::Previous),
            ("Explain the authentication", Link::None),
            ("Strengthen the argument", Link::None),
            ("Look at the house next to the church", Link::None),
            ("", Link::None),
        ] {
            assert_eq!(link(part), expected, "{part}");
        }
    }

    #[test]
    fn a_leading_comparison_gives_its_operands() {
        assert_eq!(after_leading_aggregate("Compare: Rust and Go"), Some(": Rust and Go"));
        assert_eq!(after_leading_aggregate(" compare Rust and Go"), Some("Rust and Go"));
        assert_eq!(after_leading_aggregate("Rust compared with Go"), None);
        assert_eq!(after_leading_aggregate("compare"), None);
    }
}
