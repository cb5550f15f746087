use super::*;

fn all(_: &OfferRate) -> bool {
    true
}

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn shown(file: &OfferFile) -> Vec<String> {
    file.rates
        .iter()
        .map(|rate| {
            let some = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
            let value = match rate.value {
                OfferValue::Price(price) => price.to_string(),
                OfferValue::Discount(discount) => format!("-{discount}"),
                OfferValue::Share { .. } => "share".to_owned(),
            };
            format!(
                "{} {} {} {} {} {:?} {value} @{}",
                rate.program.key(),
                some(&rate.family),
                some(&rate.instance_type),
                some(&rate.region),
                rate.term,
                rate.payment,
                rate.source.row.unwrap()
            )
        })
        .collect()
}

#[test]
fn a_sheet_is_read_row_by_row() {
    let text = "provider,program,family,region,term,payment,rate,percent,from,currency\n\
                AWS,aws-compute-savings-plan,,,1yr,No Upfront,,28,2026-01-01,\n\
                AWS,aws-ec2-instance-savings-plan,m5,us-east-1,3yr,all_upfront,,46.5%,,\n\
                AWS,aws-standard-reserved-instance,m5,us-east-1,12,partial,0.061,,,USD\n\
                AWS,aws-compute-savings-plan,,,1yr,No Upfront,,30,2026-01-01,\n\
                AWS,aws-compute-savings-plan,,,soon,,,30,,\n\
                AWS,aws-compute-savings-plan,,,1yr,,,130,,\n\
                AWS,aws-compute-savings-plan,,,1yr,,0.1,30,,\n\
                AWS,aws-compute-savings-plan,,,1yr,,-0.1,,,\n";
    let file = read("offers.csv", text, &all).unwrap();
    assert_eq!(
        shown(&file),
        [
            "aws-compute-savings-plan - - - 1 year NoUpfront -0.28 @2",
            "aws-ec2-instance-savings-plan m5 - us-east-1 3 years AllUpfront -0.465 @3",
            "aws-standard-reserved-instance m5 - us-east-1 1 year PartialUpfront 0.061 @4",
        ]
    );
    let said: Vec<(&str, u64)> = file.findings.iter().map(|one| (one.code, one.row.unwrap())).collect();
    assert_eq!(said, [("twice", 5), ("bad_rate", 6), ("bad_rate", 7), ("bad_rate", 8), ("bad_rate", 9)]);
}

#[test]
fn what_is_written_is_read_back() {
    let text = "provider,program,family,region,term,payment,rate,percent,from,currency\n\
                AWS,aws-compute-savings-plan,,,1yr,No Upfront,,28,2026-01-01,\n\
                AWS,aws-standard-reserved-instance,m5,us-east-1,12,partial,0.061,,,USD\n";
    let file = read("offers.csv", text, &all).unwrap();
    let again = read("kept.csv", &write_sheet(&file.rates).unwrap(), &all).unwrap();
    assert_eq!(again.rates, file.rates, "rates, and the file and row that they are from");
    assert!(again.findings.is_empty());
}

/// The shape of AWS's savings plan list: five lines about the file, then the header.
const PLANS: &str = r#""FormatVersion","v1.0"
"Disclaimer","made up for a test"
"Publication Date","2026-01-02T00:00:00Z"
"Version","1"
"RegionCode","us-east-1"
"SKU","RateCode","Unit","EffectiveDate","DiscountedRate","Currency","DiscountedSKU","DiscountedServiceCode","DiscountedUsageType","DiscountedOperation","PurchaseOption","LeaseContractLength","LeaseContractLengthUnit","ServiceCode","UsageType","Operation","Description","Location","Location Type","DiscountedRegionCode","DiscountedInstanceType"
"P1","P1.A","Hrs","2026-01-01","0.0704","USD","SKUA","AmazonEC2","BoxUsage:m5.large","RunInstances","No Upfront","1","year","ComputeSavingsPlans","ComputeSP:1yrNoUpfront","","","Any","","us-east-1","m5.large"
"P2","P2.A","Hrs","2026-01-01","0.041","USD","SKUA","AmazonEC2","BoxUsage:m5.large","RunInstances","All Upfront","3","year","ComputeSavingsPlans","USE1-EC2SP:m5.3yrAllUpfront","","","US East","","us-east-1","m5.large"
"P3","P3.A","Hrs","2026-01-01","dear","USD","SKUA","AmazonEC2","BoxUsage:m5.large","RunInstances","All Upfront","3","year","ComputeSavingsPlans","ComputeSP:3yrAllUpfront","","","Any","","us-east-1","m5.large"
"#;

#[test]
fn aws_savings_plans_are_read_as_they_come() {
    let csv = read("ComputeSavingsPlans.csv", PLANS, &all).unwrap();
    assert_eq!(csv.kind, OfferKind::AwsSavingsPlans);
    assert_eq!(
        shown(&csv),
        [
            "aws-compute-savings-plan m5 m5.large us-east-1 1 year NoUpfront 0.0704 @7",
            "aws-ec2-instance-savings-plan m5 m5.large us-east-1 3 years AllUpfront 0.041 @8",
        ]
    );
    assert_eq!(csv.findings[0].row, Some(9));
    let json = r#"{"version": "1", "publicationDate": "2026-01-02T00:00:00Z", "regionCode": "us-east-1",
      "products": [{"sku": "P1", "productFamily": "ComputeSavingsPlans", "serviceCode": "ComputeSavingsPlans", "usageType": "ComputeSP:1yrNoUpfront",
                    "attributes": {"purchaseOption": "No Upfront", "purchaseTerm": "1yr"}}],
      "terms": {"savingsPlan": [{"sku": "P1", "effectiveDate": "2026-01-01T00:00:00Z", "leaseContractLength": {"duration": 1, "unit": "year"},
        "rates": [{"discountedSku": "SKUA", "discountedUsageType": "BoxUsage:m5.large", "discountedServiceCode": "AmazonEC2", "unit": "Hrs",
                   "discountedRate": {"price": "0.0704", "currency": "USD"}, "discountedRegionCode": "us-east-1", "discountedInstanceType": "m5.large"}]}]}}"#;
    let json = read("region.json", json, &all).unwrap();
    assert_eq!(shown(&json), ["aws-compute-savings-plan m5 m5.large us-east-1 1 year NoUpfront 0.0704 @1"]);
    let index = read("region_index.json", r#"{"regions": [{"regionCode": "us-east-1", "versionUrl": "/x"}]}"#, &all);
    assert!(index.unwrap_err().problem.contains("index"));
}

#[test]
fn aws_reserved_terms_add_upfront_and_hours() {
    let csv = r#""FormatVersion","v1.0"
"Disclaimer","made up"
"Publication Date","2026-01-02"
"Version","1"
"OfferCode","AmazonEC2"
"SKU","OfferTermCode","RateCode","TermType","PriceDescription","EffectiveDate","Unit","PricePerUnit","Currency","LeaseContractLength","PurchaseOption","OfferingClass","serviceCode","Region Code","Instance Type","Operating System","Tenancy"
"SKUA","JRT","SKUA.JRT.6Y","OnDemand","","2026-01-01","Hrs","0.0960000000","USD","","","","AmazonEC2","us-east-1","m5.large","Linux","Shared"
"SKUA","HU7","SKUA.HU7.2T","Reserved","Upfront Fee","2026-01-01","Quantity","263","USD","1yr","Partial Upfront","standard","AmazonEC2","us-east-1","m5.large","Linux","Shared"
"SKUA","HU7","SKUA.HU7.6Y","Reserved","hours","2026-01-01","Hrs","0.0300000000","USD","1yr","Partial Upfront","standard","AmazonEC2","us-east-1","m5.large","Linux","Shared"
"SKUA","7NE","SKUA.7NE.6Y","Reserved","hours","2026-01-01","Hrs","0.0690000000","USD","3yr","No Upfront","convertible","AmazonEC2","us-east-1","m5.large","Linux","Shared"
"#;
    let file = read("index.csv", csv, &all).unwrap();
    assert_eq!(
        shown(&file),
        [
            "aws-standard-reserved-instance m5 m5.large us-east-1 1 year PartialUpfront 0.0600228311 @8",
            "aws-convertible-reserved-instance m5 m5.large us-east-1 3 years NoUpfront 0.069 @10",
        ],
        "263 over 8,760 hours and 0.03"
    );
    assert_eq!(file.rates[0].upfront, Some(amount("263")));
    let json = r#"{"offerCode": "AmazonEC2", "products": {"SKUA": {"sku": "SKUA", "attributes": {"servicecode": "AmazonEC2", "instanceType": "m5.large",
      "regionCode": "us-east-1", "operatingSystem": "Linux", "tenancy": "Shared"}}},
      "terms": {"OnDemand": {}, "Reserved": {"SKUA": {"SKUA.HU7": {"offerTermCode": "HU7", "sku": "SKUA", "effectiveDate": "2026-01-01T00:00:00Z",
        "priceDimensions": {"a": {"unit": "Quantity", "pricePerUnit": {"USD": "263"}}, "b": {"unit": "Hrs", "pricePerUnit": {"USD": "0.03"}}},
        "termAttributes": {"LeaseContractLength": "1yr", "OfferingClass": "standard", "PurchaseOption": "Partial Upfront"}}}}}}"#;
    let json = read("index.json", json, &all).unwrap();
    assert_eq!(
        shown(&json),
        ["aws-standard-reserved-instance m5 m5.large us-east-1 1 year PartialUpfront 0.0600228311 @1"]
    );
}

#[test]
fn azure_and_google_lists_are_read_as_they_come() {
    let sheet = "BillingAccountId,MeterId,MeterName,MeterCategory,UnitOfMeasure,EffectiveStartDate,UnitPrice,MarketPrice,Currency,Term,PriceType\n\
                 1,m-1,D8s v5,Virtual Machines,1 Hour,2026-01-01T00:00:00Z,0.384,0.384,USD,,Consumption\n\
                 1,m-1,D8s v5,Virtual Machines,10 Hours,2026-01-01T00:00:00Z,2.65,2.65,USD,P1Y,SavingsPlan\n\
                 1,m-1,D8s v5,Virtual Machines,1 Hour,2026-01-01T00:00:00Z,3942,3942,USD,P3Y,ReservedInstance\n";
    let file = read("pricesheet.csv", sheet, &all).unwrap();
    assert_eq!(
        shown(&file),
        [
            "azure-savings-plan Dsv5 D8s v5 - 1 year NoUpfront 0.265 @3",
            "azure-reservation Dsv5 D8s v5 - 3 years NoUpfront 0.15 @4",
        ],
        "3,942 over 26,280 hours"
    );
    let list = r#"{"skus": [
      {"skuId": "A", "description": "N2 Instance Core running in Americas", "category": {"usageType": "OnDemand"}, "serviceRegions": ["us-central1"]},
      {"skuId": "B", "description": "Commitment v1: N2 Cpu in Americas for 1 Year", "category": {"serviceDisplayName": "Compute Engine", "usageType": "Commit1Yr"},
       "serviceRegions": ["us-central1", "us-east1"],
       "pricingInfo": [{"effectiveTime": "2026-01-01T00:00:00Z", "pricingExpression": {"usageUnit": "h",
          "tieredRates": [{"startUsageAmount": 0, "unitPrice": {"currencyCode": "USD", "units": "0", "nanos": 19915000}}]}}]}]}"#;
    let file = read("skus.json", list, &all).unwrap();
    assert_eq!(
        shown(&file),
        [
            "gcp-resource-commitment N2 vCPU - us-central1 1 year NoUpfront 0.019915 @2",
            "gcp-resource-commitment N2 vCPU - us-east1 1 year NoUpfront 0.019915 @2",
        ]
    );
}

#[test]
fn offers_that_do_not_fit_the_bill_are_told_by_row() {
    let text = "provider,program,family,region,term,rate,percent,currency\n\
                AWS,aws-standard-reserved-instance,m5,us-east-1,1yr,0.07,,USD\n\
                AWS,aws-standard-reserved-instance,m5,us-east-1,3yr,0.12,,USD\n\
                AWS,aws-standard-reserved-instance,x9,us-east-1,1yr,0.07,,USD\n\
                AWS,aws-standard-reserved-instance,m5,us-east-1,2yr,0.07,,EUR\n";
    let file = read("offers.csv", text, &all).unwrap();
    let key = LineKey {
        provider: "AWS".to_owned(),
        family: Some("m5".to_owned()),
        region: Some("us-east-1".to_owned()),
        ..LineKey::default()
    };
    let lines = [BillLine::new(key, amount("9.6"), amount("100"))];
    let said: Vec<(&str, u64)> =
        check(&file.rates, &lines, "USD".parse().unwrap()).iter().map(|one| (one.code, one.row.unwrap())).collect();
    assert_eq!(said, [("above_on_demand", 3), ("not_in_bill", 4), ("offer_currency", 5)]);
    assert_eq!(file.rates[0].discount(lines[0].price), Some(amount("0.270833")));
}

#[test]
fn what_is_no_list_is_refused() {
    for text in ["", "a,b\n1,2\n", "{\"x\": 1}", "{"] {
        assert!(read("x", text, &all).is_err(), "{text:?}");
    }
}
