//! Draws a pack in every form, to be looked at: `cargo run -p quarterdeck-pdf --example draw_pack -- FOLDER [MODEL.json]`. Without a
//! model it is the golden one of the `report` crate.

use std::error::Error;
use std::path::PathBuf;

use report::chart::{self, Size};
use report::{ReportModel, xlsx};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder to write to")?);
    let json = match std::env::args().nth(2) {
        Some(path) => std::fs::read_to_string(path)?,
        None => include_str!("../../report/tests/golden/quarterly-review.json").to_owned(),
    };
    let model: ReportModel = serde_json::from_str(&json)?;
    std::fs::create_dir_all(&folder)?;
    for spec in model.sections.iter().flat_map(report::Section::charts) {
        let size = Size { width: 751, height: chart::natural_height(spec) };
        std::fs::write(folder.join(format!("{}.svg", spec.id)), chart::svg(spec, size)?)?;
    }
    std::fs::write(folder.join("pack.xlsx"), xlsx::write(&model, model.as_of)?)?;
    std::fs::write(folder.join("pack.pdf"), pdf::render(&model)?)?;
    Ok(())
}
