//! Repeatable variation: a number that depends on a seed and on what it is for, and on nothing else.

/// The SplitMix64 finaliser (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
pub(crate) const fn mix(mut value: u64) -> u64 {
    value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// A number for a text (FNV-1a, then mixed): the same text gives the same number on every machine.
pub(crate) fn of_text(seed: u64, text: &str) -> u64 {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    mix(hash)
}

/// A whole number in `from..=to`. The bias of the remainder is far below what the sample can show.
pub(crate) fn between(number: u64, from: i64, to: i64) -> i64 {
    let span = to.abs_diff(from) + 1;
    from + i64::try_from(number % span).unwrap_or(0)
}

/// `length` hexadecimal digits for a text, as resource ids carry.
pub(crate) fn hex(seed: u64, text: &str, length: usize) -> String {
    let first = of_text(seed, text);
    let mut digits = format!("{first:016x}{:016x}", mix(first));
    digits.truncate(length);
    digits
}
