//! Residuals are explained by what is loaded, and their parts add up to them exactly.

use money::{Amount, Currency};
use proptest::prelude::*;
use reconciliation::{
    ChargeGroup, Circumstances, Class, Invoice, Kind, MatchedBy, Part, candidates, classify, match_charges,
    rounding_bound, without_charges, without_invoice,
};

fn amount(text: &str) -> Amount {
    text.parse().expect("an amount")
}

fn dollars() -> Currency {
    "USD".parse().expect("a currency")
}

fn invoice(number: &str, account: Option<&str>, total: &str) -> Invoice {
    Invoice {
        number: number.to_owned(),
        issuer: "Amazon Web Services, Inc.".to_owned(),
        account: account.map(str::to_owned),
        period: "2026-01".to_owned(),
        currency: dollars(),
        amount: amount(total),
        stated: Vec::new(),
    }
}

fn group(number: Option<&str>, account: &str, kind: Kind, cost: &str) -> ChargeGroup {
    ChargeGroup {
        currency: dollars(),
        period: "2026-01".to_owned(),
        account: Some(account.to_owned()),
        invoice: number.map(str::to_owned),
        issuer: Some("AWS".to_owned()),
        kind,
        amount: amount(cost),
    }
}

/// The parts of the first invoice.
fn parts(invoices: &[Invoice], groups: &[ChargeGroup], circumstances: &Circumstances) -> Vec<Part> {
    let matching = match_charges(invoices, groups);
    let own = &matching.invoices[0].1;
    let charged = Amount::sum(own.iter().map(|place| groups[*place].amount)).expect("a sum");
    let residual = invoices[0].amount.checked_sub(charged).expect("a difference");
    let candidates = candidates(&invoices[0], own, &matching.left, groups, circumstances).expect("candidates");
    let parts = classify(&invoices[0], residual, own, groups, &candidates, circumstances).expect("parts");
    assert_eq!(Amount::sum(parts.iter().map(|part| part.amount)).expect("a sum"), residual, "the parts are the whole");
    parts
}

fn classes(parts: &[Part]) -> Vec<(Class, String, bool)> {
    parts.iter().map(|part| (part.class, part.amount.normalized().to_string(), part.proven)).collect()
}

fn few_lines() -> Circumstances {
    Circumstances { lines: 3, ..Circumstances::default() }
}

#[test]
fn an_invoice_net_of_tax_leaves_out_the_tax() {
    let groups = [group(Some("1"), "a", Kind::Other, "100"), group(Some("1"), "a", Kind::Tax, "19")];
    let found = parts(&[invoice("1", Some("a"), "100")], &groups, &few_lines());
    assert_eq!(classes(&found), [(Class::Tax, "-19".to_owned(), true)]);
    assert!(found[0].own, "the invoice's own charges");
}

#[test]
fn credits_refunds_and_other_sellers_are_told_apart() {
    let groups = [
        group(Some("1"), "a", Kind::Other, "100"),
        group(Some("1"), "a", Kind::Credit, "-7"),
        group(Some("1"), "a", Kind::Refund, "-11"),
        group(Some("1"), "a", Kind::ThirdParty, "23"),
    ];
    let of = |total: &str| classes(&parts(&[invoice("1", Some("a"), total)], &groups, &few_lines()));
    assert_eq!(of("112"), [(Class::Credit, "7".to_owned(), true)]);
    assert_eq!(of("116"), [(Class::Refund, "11".to_owned(), true)]);
    assert_eq!(of("82"), [(Class::ThirdParty, "-23".to_owned(), true)]);
    assert_eq!(of("89"), [(Class::Credit, "7".to_owned(), true), (Class::ThirdParty, "-23".to_owned(), true)]);
}

#[test]
fn what_names_no_invoice_can_be_on_one() {
    let groups = [
        group(Some("1"), "a", Kind::Other, "100"),
        group(None, "a", Kind::Tax, "19"),
        group(None, "b", Kind::Other, "40"),
        group(None, "a", Kind::Other, "3"),
    ];
    let of = |total: &str| parts(&[invoice("1", Some("a"), total)], &groups, &few_lines());
    assert_eq!(classes(&of("119")), [(Class::Tax, "19".to_owned(), true)]);
    assert_eq!(of("119")[0].groups, [1], "these charges are accounted for");
    assert_eq!(classes(&of("140")), [(Class::MissingAccount, "40".to_owned(), true)]);
    assert_eq!(classes(&of("103")), [(Class::Timing, "3".to_owned(), true)]);
}

#[test]
fn a_cent_is_rounding_and_a_dollar_is_not() {
    let groups = [group(Some("1"), "a", Kind::Other, "100.00")];
    let of = |total: &str| classes(&parts(&[invoice("1", Some("a"), total)], &groups, &few_lines()));
    assert_eq!(of("100.01"), [(Class::Rounding, "0.01".to_owned(), true)]);
    assert_eq!(of("99"), [(Class::Unknown, "-1".to_owned(), false)]);
    assert_eq!(rounding_bound(3, 2), amount("0.02"));
    assert_eq!(rounding_bound(1_000_000, 2), amount("1"), "a large invoice hides no large difference");
    assert_eq!(rounding_bound(0, 0), amount("0.5"), "yen have no cents");
}

#[test]
fn months_of_usage_and_gone_accounts() {
    let groups = [group(Some("1"), "a", Kind::Other, "100")];
    let one = [invoice("1", Some("a"), "94")];
    let late = Circumstances { outside_month: Some(amount("6")), ..few_lines() };
    assert_eq!(classes(&parts(&one, &groups, &late)), [(Class::Timing, "-6".to_owned(), true)]);
    let usage = Circumstances { usage_month: Some(amount("94")), ..few_lines() };
    assert_eq!(classes(&parts(&one, &groups, &usage)), [(Class::Timing, "-6".to_owned(), true)]);
    let gone = Circumstances { gone: vec![("200".to_owned(), amount("30"))], ..few_lines() };
    let more = [invoice("1", Some("a"), "133")];
    assert_eq!(classes(&parts(&more, &groups, &gone)), [(Class::MissingAccount, "33".to_owned(), false)]);
    let much_more = [invoice("1", Some("a"), "1000")];
    assert_eq!(classes(&parts(&much_more, &groups, &gone)), [(Class::Unknown, "900".to_owned(), false)]);
}

#[test]
fn what_the_invoice_states_is_taken_at_its_word() {
    let groups = [group(Some("1"), "a", Kind::Other, "100"), group(Some("1"), "a", Kind::Tax, "19")];
    let stated = Invoice {
        stated: vec![(Kind::Tax, amount("20")), (Kind::Credit, amount("-5"))],
        ..invoice("1", Some("a"), "115")
    };
    let found = parts(&[stated], &groups, &few_lines());
    assert_eq!(classes(&found), [(Class::Tax, "1".to_owned(), true), (Class::Credit, "-5".to_owned(), true)]);
}

#[test]
fn a_number_binds_before_an_account_does() {
    let groups = [group(Some("2"), "a", Kind::Other, "5"), group(None, "a", Kind::Other, "7")];
    let invoices = [invoice("1", Some("a"), "7"), invoice("2", Some("a"), "5"), invoice("3", None, "1")];
    let matching = match_charges(&invoices, &groups);
    assert_eq!(matching.invoices[0], (MatchedBy::Account, vec![1]));
    assert_eq!(matching.invoices[1], (MatchedBy::Number, vec![0]));
    assert_eq!(matching.invoices[2], (MatchedBy::Nothing, vec![]));
    assert_eq!(match_charges(&invoices[2..], &groups).invoices[0], (MatchedBy::Issuer, vec![1]), "by issuer and month");
}

#[test]
fn an_invoice_without_charges_says_why() {
    let euros = ChargeGroup { currency: "EUR".parse().expect("a currency"), ..group(Some("1"), "a", Kind::Other, "5") };
    let class = |invoice: &Invoice, groups: &[ChargeGroup]| without_charges(invoice, groups).class;
    assert_eq!(class(&invoice("1", Some("a"), "6"), &[euros]), Class::Currency);
    let other = group(None, "b", Kind::Other, "5");
    assert_eq!(class(&invoice("1", Some("a"), "6"), std::slice::from_ref(&other)), Class::MissingAccount);
    let earlier = ChargeGroup { period: "2025-12".to_owned(), ..other };
    assert_eq!(class(&invoice("1", Some("b"), "6"), std::slice::from_ref(&earlier)), Class::Timing);
}

#[test]
fn charges_without_an_invoice_say_why() {
    let class = |group: &ChargeGroup| without_invoice(group, 0, &[invoice("1", Some("a"), "6")]).class;
    let later = ChargeGroup { period: "2026-02".to_owned(), ..group(None, "a", Kind::Other, "5") };
    assert_eq!(class(&later), Class::Timing, "not invoiced yet");
    assert_eq!(class(&group(None, "a", Kind::Other, "5")), Class::Unknown);
    assert_eq!(class(&group(None, "a", Kind::ThirdParty, "5")), Class::ThirdParty);
}

fn any_groups() -> impl Strategy<Value = Vec<ChargeGroup>> {
    let one = (
        proptest::option::of(prop_oneof![Just("1"), Just("2")]),
        prop_oneof![Just("a"), Just("b")],
        proptest::sample::select(Kind::ALL.to_vec()),
        -100_000_i128..1_000_000,
        0_u8..7,
    )
        .prop_map(|(number, account, kind, units, scale)| ChargeGroup {
            amount: Amount::new(units, scale).expect("small"),
            ..group(number, account, kind, "0")
        });
    proptest::collection::vec(one, 0..12)
}

proptest! {
    /// The classes add up to the residual to the last digit; and nothing is counted twice: all invoices less all charges is the sum of
    /// all parts, when each group without an invoice stands against what it was taken for.
    #[test]
    fn parts_equal_the_whole(
        groups in any_groups(),
        totals in proptest::collection::vec((-10_000_i128..1_000_000, 0_u8..5), 2),
        stated in proptest::option::of((-1000_i128..1000, 0_u8..3)),
        lines in 0_u64..50,
        outside in proptest::option::of(-1000_i128..1000),
    ) {
        let mut invoices = [invoice("1", Some("a"), "0"), invoice("2", None, "0")];
        for (invoice, (units, scale)) in invoices.iter_mut().zip(&totals) {
            invoice.amount = Amount::new(*units, *scale).expect("small");
        }
        invoices[0].stated = stated.map(|(units, scale)| (Kind::Tax, Amount::new(units, scale).expect("small"))).into_iter().collect();
        let circumstances = Circumstances { lines, outside_month: outside.map(|units| Amount::new(units, 2).expect("small")), ..Circumstances::default() };
        let matching = match_charges(&invoices, &groups);
        let mut seen: Vec<usize> = matching.invoices.iter().flat_map(|(_, places)| places.clone()).chain(matching.left.clone()).collect();
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..groups.len()).collect::<Vec<_>>(), "every group is somewhere, once");
        let mut whole = Amount::ZERO;
        for (invoice, (_, own)) in invoices.iter().zip(&matching.invoices) {
            let charged = Amount::sum(own.iter().map(|place| groups[*place].amount)).expect("a sum");
            let residual = invoice.amount.checked_sub(charged).expect("a difference");
            let candidates = candidates(invoice, own, &matching.left, &groups, &circumstances).expect("candidates");
            let parts = classify(invoice, residual, own, &groups, &candidates, &circumstances).expect("parts");
            let sum = Amount::sum(parts.iter().map(|part| part.amount)).expect("a sum");
            prop_assert_eq!(sum, residual);
            for part in &parts {
                prop_assert!(!part.amount.is_zero() && !part.rule.is_empty(), "{:?} says something", part);
                let charged = part.groups.iter().map(|place| groups[*place].amount);
                prop_assert!(part.groups.is_empty() || Amount::sum(charged).expect("a sum") == part.amount, "it is what its charges are");
            }
            whole = whole.checked_add(sum).expect("a sum");
        }
        for place in &matching.left {
            whole = whole.checked_add(without_invoice(&groups[*place], *place, &invoices).amount).expect("a sum");
        }
        let invoiced = Amount::sum(invoices.iter().map(|invoice| invoice.amount)).expect("a sum");
        let charged = Amount::sum(groups.iter().map(|group| group.amount)).expect("a sum");
        prop_assert_eq!(whole, invoiced.checked_sub(charged).expect("a difference"));
    }
}
