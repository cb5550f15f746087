use super::*;

#[test]
fn sheet_names_are_short_plain_and_unique() {
    let mut names = Names::default();
    let made: Vec<String> = [
        "Spend by service",
        "SPEND BY SERVICE",
        "[a]:b*c?d/e\\f'",
        "History",
        "",
        "A heading that is much longer than a sheet's name",
        "A heading that is much longer than a sheet's name too",
    ]
    .map(|wanted| names.unique(wanted))
    .into();
    assert_eq!(
        made,
        [
            "Spend by service",
            "SPEND BY SERVICE 2",
            "a  b c d e f",
            "History 2",
            "Sheet",
            "A heading that is much longer t",
            "A heading that is much longer 2",
        ]
    );
}
