//! Small FOCUS bills, written field by field.

use std::collections::BTreeMap;

/// The columns of FOCUS 1.0, and what a sound charge has in them: one day of an instance in January 2026.
const SOUND: [(&str, &str); 43] = [
    ("AvailabilityZone", ""),
    ("BilledCost", "2.5"),
    ("BillingAccountId", "100"),
    ("BillingAccountName", "Example"),
    ("BillingCurrency", "USD"),
    ("BillingPeriodEnd", "2026-02-01T00:00:00Z"),
    ("BillingPeriodStart", "2026-01-01T00:00:00Z"),
    ("ChargeCategory", "Usage"),
    ("ChargeClass", ""),
    ("ChargeDescription", "Instance hours"),
    ("ChargeFrequency", "Usage-Based"),
    ("ChargePeriodEnd", "2026-01-02T00:00:00Z"),
    ("ChargePeriodStart", "2026-01-01T00:00:00Z"),
    ("CommitmentDiscountCategory", ""),
    ("CommitmentDiscountId", ""),
    ("CommitmentDiscountName", ""),
    ("CommitmentDiscountStatus", ""),
    ("CommitmentDiscountType", ""),
    ("ConsumedQuantity", "24"),
    ("ConsumedUnit", "Hours"),
    ("ContractedCost", "2.5"),
    ("ContractedUnitPrice", ""),
    ("EffectiveCost", "2.5"),
    ("InvoiceIssuerName", "Example Cloud"),
    ("ListCost", "3"),
    ("ListUnitPrice", ""),
    ("PricingCategory", "Standard"),
    ("PricingQuantity", "24"),
    ("PricingUnit", "Hours"),
    ("ProviderName", "Example Cloud"),
    ("PublisherName", "Example Cloud"),
    ("RegionId", "north-1"),
    ("RegionName", "North"),
    ("ResourceId", "instance-1"),
    ("ResourceName", "one"),
    ("ResourceType", "Instance"),
    ("ServiceCategory", "Compute"),
    ("ServiceName", "Virtual Machines"),
    ("SkuId", "sku-1"),
    ("SkuPriceId", "sku-1.hour"),
    ("SubAccountId", "200"),
    ("SubAccountName", "Production"),
    ("Tags", ""),
];

/// The fields of a charge that differ from those of a sound one, by FOCUS column.
pub type Charge<'a> = [(&'a str, &'a str)];

/// A bill in the making.
#[derive(Clone, Debug)]
pub struct Bill {
    columns: Vec<String>,
    usual: BTreeMap<String, String>,
    charges: Vec<BTreeMap<String, String>>,
}

impl Default for Bill {
    fn default() -> Self {
        Self::new()
    }
}

impl Bill {
    /// A bill with the columns of FOCUS 1.0 and no charges.
    #[must_use]
    pub fn new() -> Self {
        Self {
            columns: SOUND.iter().map(|(column, _)| (*column).to_owned()).collect(),
            usual: SOUND.iter().map(|(column, value)| ((*column).to_owned(), (*value).to_owned())).collect(),
            charges: Vec::new(),
        }
    }

    /// A bill of `count` sound charges, each of its own resource.
    #[must_use]
    pub fn of(count: usize) -> Self {
        (1..=count).fold(Self::new(), |bill, number| bill.charge(&[("ResourceId", &format!("instance-{number}"))]))
    }

    /// Sets what every further charge has in a column, which is added where the bill has none of the name.
    #[must_use]
    pub fn usual(mut self, column: &str, value: &str) -> Self {
        if !self.columns.iter().any(|known| known == column) {
            self.columns.push(column.to_owned());
        }
        self.usual.insert(column.to_owned(), value.to_owned());
        self
    }

    /// Leaves a column out.
    #[must_use]
    pub fn without(mut self, column: &str) -> Self {
        self.columns.retain(|known| known != column);
        self
    }

    /// Adds a charge.
    #[must_use]
    pub fn charge(mut self, fields: &Charge<'_>) -> Self {
        let mut charge = self.usual.clone();
        for (column, value) in fields {
            assert!(
                charge.insert((*column).to_owned(), (*value).to_owned()).is_some(),
                "the bill has no column {column}"
            );
        }
        self.charges.push(charge);
        self
    }

    /// The header and the charges as records of text.
    #[must_use]
    pub fn records(&self) -> Vec<Vec<String>> {
        let header = std::iter::once(self.columns.clone());
        let fields =
            |charge: &BTreeMap<String, String>| self.columns.iter().map(|column| charge[column].clone()).collect();
        header.chain(self.charges.iter().map(fields)).collect()
    }

    /// The file: commas, quotes where they are needed, a line feed after each row.
    #[must_use]
    pub fn csv(&self) -> Vec<u8> {
        self.delimited(b',', csv::Terminator::Any(b'\n'))
    }

    /// The file with another delimiter and other line ends.
    #[must_use]
    pub fn delimited(&self, delimiter: u8, terminator: csv::Terminator) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).terminator(terminator).from_writer(Vec::new());
        for record in self.records() {
            writer.write_record(record).unwrap();
        }
        writer.into_inner().unwrap()
    }

    /// The lines of the file as text, the header first: for tests that break one of them.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        String::from_utf8(self.csv()).unwrap().lines().map(str::to_owned).collect()
    }
}

/// Lines as a file.
#[must_use]
pub fn file_of(lines: &[String]) -> Vec<u8> {
    (lines.join("\n") + "\n").into_bytes()
}
