//! Whether two names are of one firm.

/// Words that say what kind of firm it is, not which.
const FORMS: [&str; 20] = [
    "inc",
    "incorporated",
    "llc",
    "ltd",
    "limited",
    "corp",
    "corporation",
    "co",
    "company",
    "gmbh",
    "ag",
    "sa",
    "sarl",
    "bv",
    "plc",
    "pte",
    "pty",
    "emea",
    "ireland",
    "operations",
];

/// Whether two names are of one firm as bills write them: the same first word (`Google` and `Google Cloud`), or one the initials of
/// the other (`AWS` and `Amazon Web Services, Inc.`). Case, punctuation and the form of the firm do not matter.
#[must_use]
pub fn same_firm(left: &str, right: &str) -> bool {
    let (left, right) = (words(left), words(right));
    match (left.first(), right.first()) {
        (Some(first), Some(other)) => first == other || is_initials(&left, &right) || is_initials(&right, &left),
        _ => left == right,
    }
}

fn words(name: &str) -> Vec<String> {
    name.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .filter(|word| !FORMS.contains(&word.as_str()))
        .collect()
}

fn is_initials(short: &[String], long: &[String]) -> bool {
    let initials: String = long.iter().filter_map(|word| word.chars().next()).collect();
    long.len() > 1 && short.first().is_some_and(|word| *word == initials)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firms_by_the_names_on_bills() {
        assert!(same_firm("AWS", "Amazon Web Services, Inc."));
        assert!(same_firm("Google", "Google Cloud EMEA Limited"));
        assert!(same_firm("Microsoft", "MICROSOFT Ireland Operations Ltd"));
        assert!(!same_firm("AWS", "Route Insight"));
        assert!(!same_firm("Microsoft", "Datadog, Inc."));
    }
}
