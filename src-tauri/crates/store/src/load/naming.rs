//! What the name of a file or folder tells about a delivery: time stamps, part numbers, ids.

/// A name taken apart. Two parts of one delivery have equal `shape` and `stamps`; two deliveries of one report have equal `shape`
/// and other stamps or ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    /// The name in lower case with each time stamp as `@`, each id as `!` and each other number as `#`.
    pub(crate) shape: String,
    /// The time stamps in order, digits only: `20260105`, `202601`, `20260105T120000`.
    pub(crate) stamps: Vec<String>,
    /// Whether there is an id such as those that a provider gives each delivery.
    pub(crate) id: bool,
}

impl Name {
    /// Takes a name apart.
    pub(crate) fn of(name: &str) -> Self {
        let letters: Vec<char> = name.to_lowercase().chars().collect();
        let mut taken = Self::default();
        let mut at = 0;
        while at < letters.len() {
            let after_digit = at > 0 && letters[at - 1].is_ascii_digit();
            if let Some(length) = id(&letters[at..]) {
                taken.shape.push('!');
                taken.id = true;
                at += length;
            } else if !letters[at].is_ascii_digit() || after_digit {
                taken.shape.push(letters[at]);
                at += 1;
            } else if let Some((stamp, length)) = stamp(&letters[at..]) {
                taken.shape.push('@');
                taken.stamps.push(stamp);
                at += length;
            } else {
                taken.shape.push('#');
                at += digits(&letters[at..]);
            }
        }
        taken
    }

    /// Whether the name is that of a delivery, not of a thing: a folder called by an id or a time.
    pub(crate) fn marks_a_delivery(&self) -> bool {
        self.id || !self.stamps.is_empty()
    }

    /// Whether the name tells a month other than `month` (`2026-01-..`), and not that one.
    pub(crate) fn is_of_another_month(&self, month: &str) -> bool {
        let wanted: String = month.chars().filter(char::is_ascii_digit).take(6).collect();
        if !self.stamps.is_empty() {
            return !self.stamps.iter().any(|stamp| stamp.starts_with(&wanted));
        }
        let wanted = wanted.get(4..).and_then(|number| number.parse::<usize>().ok());
        let mut words = self.shape.split(|letter: char| !letter.is_ascii_alphabetic());
        let told = words.find_map(|word| MONTHS.iter().position(|name| word == *name || word == &name[..3]));
        told.is_some_and(|position| Some(position + 1) != wanted)
    }
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn digits(letters: &[char]) -> usize {
    letters.iter().take_while(|letter| letter.is_ascii_digit()).count()
}

/// The length of an id such as `6ba7b810-9dad-11d1-80b4-00c04fd430c8`; the first letters may be any, as in made anonymous.
fn id(letters: &[char]) -> Option<usize> {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let mut at = 0;
    for (position, length) in GROUPS.into_iter().enumerate() {
        if position > 0 {
            (letters.get(at)? == &'-').then_some(())?;
            at += 1;
        }
        let group = letters.get(at..at + length)?;
        let sound =
            if position == 0 { char::is_ascii_alphanumeric } else { |letter: &char| letter.is_ascii_hexdigit() };
        group.iter().all(sound).then_some(())?;
        at += length;
    }
    Some(at)
}

/// A time stamp at the head of `letters`: its digits and its length.
fn stamp(letters: &[char]) -> Option<(String, usize)> {
    let text =
        |from: usize, length: usize| letters.get(from..from + length).map(|part| part.iter().collect::<String>());
    let run = digits(letters);
    let (day, mut at) = match run {
        6 | 8 => (text(0, run)?, run),
        12 | 14 => {
            return date(&text(0, 8)?).map(|day| (format!("{day}T{}", text(8, run - 8).unwrap_or_default()), run));
        }
        4 => {
            let separator = *letters.get(4)?;
            if !matches!(separator, '-' | '_' | '.') || digits(&letters[5..]) != 2 {
                return None;
            }
            let month = format!("{}{}", text(0, 4)?, text(5, 2)?);
            if letters.get(7) == Some(&separator) && digits(&letters[8..]) == 2 {
                (format!("{month}{}", text(8, 2)?), 10)
            } else {
                (month, 7)
            }
        }
        _ => return None,
    };
    let day = date(&day)?;
    if day.len() == 8
        && let Some((time, length)) = time(&letters[at..])
    {
        at += length;
        return Some((format!("{day}T{time}"), at));
    }
    Some((day, at))
}

/// The digits of a day or a month of this century, if they are one.
fn date(digits: &str) -> Option<String> {
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<u32>().ok();
    let sound = (2000..2100).contains(&number(0, 4)?)
        && (1..=12).contains(&number(4, 6)?)
        && (digits.len() == 6 || (1..=31).contains(&number(6, 8)?));
    sound.then(|| digits.to_owned())
}

/// A time of day behind a day: `T120000Z`, `_1200`, `-12-00-00`; its digits and its length.
fn time(letters: &[char]) -> Option<(String, usize)> {
    if !matches!(letters.first()?, 't' | '_' | '-' | ' ') {
        return None;
    }
    let mut taken = String::new();
    let mut at = 1;
    let run = digits(&letters[1..]);
    if run == 4 || run == 6 {
        taken.extend(&letters[1..=run]);
        at += run;
    } else {
        while taken.len() < 6 && digits(&letters[at..]) == 2 {
            taken.extend(&letters[at..at + 2]);
            at += 2;
            if taken.len() < 6
                && matches!(letters.get(at), Some(':' | '-' | '.' | '_'))
                && digits(&letters[at + 1..]) == 2
            {
                at += 1;
            } else {
                break;
            }
        }
        if taken.len() < 4 {
            return None;
        }
    }
    let hour: u32 = taken.get(..2)?.parse().ok()?;
    let minute: u32 = taken.get(2..4)?.parse().ok()?;
    (hour < 24 && minute < 60).then_some((taken, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_ids_and_numbers_are_told_apart() {
        let parts = |name: &str| {
            let name = Name::of(name);
            (name.shape, name.stamps.join(" "), name.id)
        };
        let expected = |shape: &str, stamps: &str, id: bool| (shape.to_owned(), stamps.to_owned(), id);
        assert_eq!(parts("cost-00002.csv.gz"), expected("cost-#.csv.gz", "", false));
        assert_eq!(parts("Cost_2026-01-05.csv"), expected("cost_@.csv", "20260105", false));
        assert_eq!(parts("cost_20260105T1200Z.csv"), expected("cost_@z.csv", "20260105T1200", false));
        assert_eq!(parts("cost_2026-01-05T12:30:00Z_3.csv"), expected("cost_@z_#.csv", "20260105T123000", false));
        assert_eq!(parts("20180101-20180201"), expected("@-@", "20180101 20180201", false));
        assert_eq!(parts("cur-2018-13.csv"), expected("cur-#-#.csv", "", false), "there is no month 13");
        assert_eq!(parts("reports_cost-csv_0000000030000269.csv").0, "reports_cost-csv_#.csv");
        assert_eq!(
            parts("6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
            expected("!", "", true),
            "an id is not taken for a date or a number"
        );
        assert!(parts("abcdefgh-e98d-48d6-86b4-29967358fe6c").2, "also one that was made anonymous");
    }

    #[test]
    fn a_name_tells_of_which_month_it_is() {
        assert!(Name::of("bill-2026-02.csv").is_of_another_month("2026-01-01"));
        assert!(!Name::of("bill-2026-01-15.csv").is_of_another_month("2026-01-01"));
        assert!(Name::of("bill_february.csv.gz").is_of_another_month("2026-01-01"));
        assert!(Name::of("Feb 26.csv").is_of_another_month("2026-01-01"));
        assert!(!Name::of("bill-Jan.csv").is_of_another_month("2026-01-01"));
        assert!(!Name::of("bill.csv").is_of_another_month("2026-01-01"), "it tells nothing");
    }
}
