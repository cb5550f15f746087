//! The look of charts on paper, in one place.
//!
//! The categorical colours are told apart in the common kinds of colour blindness and by lightness in grey print; blue leads. "Other"
//! and comparisons are grey, so that colour always means something.

use plotters::style::RGBColor;

/// Text.
pub(crate) const INK: RGBColor = RGBColor(0x1c, 0x24, 0x30);
/// Text of lesser weight; 5.9:1 on white.
pub(crate) const MUTED: RGBColor = RGBColor(0x5b, 0x65, 0x73);
/// Grid lines.
pub(crate) const GRID: RGBColor = RGBColor(0xe4, 0xe8, 0xed);
/// The zero line.
pub(crate) const AXIS: RGBColor = RGBColor(0x9a, 0xa4, 0xb1);
/// Behind what the pack is about.
pub(crate) const HIGHLIGHT: RGBColor = RGBColor(0xee, 0xf4, 0xf9);
/// The one accent.
pub(crate) const ACCENT: RGBColor = RGBColor(0x1b, 0x5e, 0x8c);
/// "Other".
pub(crate) const OTHER: RGBColor = RGBColor(0xb9, 0xc1, 0xca);
/// A rise in cost.
pub(crate) const RISE: RGBColor = RGBColor(0xc2, 0x6a, 0x12);
/// A fall in cost.
pub(crate) const FALL: RGBColor = RGBColor(0x2f, 0x8f, 0x83);
/// The paper.
pub(crate) const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);

/// The groups, largest first.
const GROUPS: [RGBColor; 8] = [
    ACCENT,
    RGBColor(0xe0, 0x9a, 0x32),
    RGBColor(0x3f, 0x9c, 0x8f),
    RGBColor(0xa8, 0x48, 0x7c),
    RGBColor(0x86, 0xb9, 0xdd),
    RGBColor(0x7d, 0x6a, 0x3c),
    RGBColor(0xd9, 0x7c, 0x6b),
    RGBColor(0x55, 0x55, 0x9b),
];

/// The colour of the group at a position.
pub(crate) const fn group(position: usize) -> RGBColor {
    GROUPS[position % GROUPS.len()]
}

/// The size of labels, in points.
pub(crate) const LABEL: f64 = 7.4;
/// The size of remarks, in points.
pub(crate) const SMALL: f64 = 6.6;
