//! A bill calls an account by its id, and people by its name: either finds it.

use std::path::Path;

use serde_json::{Value, json};
use testsupport::Bill;

use super::desk::Desk;
use super::{PROGRAM, bench, list, text};

#[test]
fn a_value_is_found_by_its_id_and_by_its_name() {
    let bench = bench();
    let of = |id, name, cost| [("SubAccountId", id), ("SubAccountName", name), ("BilledCost", cost)];
    let bill = Bill::new()
        .charge(&of("418200100130", "bw-customer-portal", "5"))
        .charge(&of("418200100131", "BW-Customer-API", "9"))
        // An account that was renamed is known by both of its names.
        .charge(&of("418200100131", "former-gateway", "1"))
        .charge(&of("418200100777", "bw-data", "3"))
        .charge(&of("", "", "2"))
        .charge(&[("SubAccountId", "customer-7"), ("SubAccountName", ""), ("ServiceName", "Customer Care")]);
    let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    let desk = Desk::new(&bench, Path::new(PROGRAM));
    let found = |dimension: &str, search: &str| -> (Vec<String>, Value) {
        let payload = json!({
            "dimension": dimension, "search": search, "limit": 10,
            "question": { "measures": ["billed_cost"], "by": [], "filters": [] },
        });
        let reply = desk.call("dimension_values", payload).unwrap();
        let values = list(&reply["values"]).iter().map(|one| text(&one["value"]).to_owned()).collect();
        (values, reply["total"].clone())
    };
    let ids = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
    let customers = ids(&["418200100131", "418200100130", "customer-7"]);
    assert_eq!(found("sub_account", "customer"), (customers, json!(3)), "by name or by id, the dearest first");
    assert_eq!(found("sub_account", "GATEWAY"), (ids(&["418200100131"]), json!(1)), "by an earlier name, in any case");
    assert_eq!(found("sub_account", "100777"), (ids(&["418200100777"]), json!(1)), "by a part of the id");
    assert_eq!(found("sub_account", "%"), (ids(&[]), json!(0)), "a sign is a sign");
    assert_eq!(found("service", "customer"), (ids(&["Customer Care"]), json!(1)), "a service is its own name");
    assert_eq!(found("region", "nort"), (ids(&["north-1"]), json!(1)));
    let payload = json!({
        "dimension": "sub_account", "search": "bw-", "limit": 1, "offset": 1,
        "question": { "measures": ["billed_cost"], "by": [], "filters": [] },
    });
    let page = desk.call("dimension_values", payload).unwrap();
    assert_eq!((&page["total"], text(&page["values"][0]["value"])), (&json!(3), "418200100130"), "page by page");
    assert_eq!(page["values"][0]["cell"]["value"], "5.00", "with its own cost, once");
}
