//! Formats whose files are pieces of a month, each delivered once.

use crate::SourceColumn;
use crate::format::formats;
use crate::header::Header;

/// Whether a file of a format is a piece of its billing periods that does not repeat the pieces before it, so that it comes beside
/// them and not in their place. Told by columns: a format may be delivered in one way by one provider and in another by the next.
pub fn is_increment(format: &str, columns: &[SourceColumn]) -> bool {
    let header = Header::new(columns);
    let pieces = |name: &String| header.find(name).is_some();
    formats().is_ok_and(|formats| {
        formats.iter().any(|known| known.name == format && known.increments_with.iter().any(pieces))
    })
}

/// Whether such a piece takes the place of whatever has charges of its days, whatever the files are called: an export that is asked
/// for by days of use brings the use of a month's last days with the month before, though the next one invoices it.
pub fn increments_by_days(format: &str) -> bool {
    formats().is_ok_and(|formats| formats.iter().any(|known| known.name == format && known.increments_by_days))
}
