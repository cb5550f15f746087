//! Made-up Azure bills: one month of one account, as actual and as amortised cost.

use rust_decimal::Decimal;
use testsupport::decimal::decimal;

/// Whose export it looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Days with the month first, tags without braces, a byte order mark, carriage returns.
    Enterprise,
    /// ISO days, names in camel case, prices in another currency than the costs.
    Customer,
    /// Use alone, under the oldest names.
    PayAsYouGo,
}

/// Which of the two exports of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    Actual,
    Amortised,
}

/// A charge as both exports tell it.
#[derive(Clone, Debug)]
pub struct Line {
    pub day: u32,
    pub charge_type: &'static str,
    pub pricing_model: &'static str,
    pub unit: &'static str,
    pub meter: &'static str,
    pub resource: String,
    pub location: &'static str,
    pub benefit: String,
    pub publisher: &'static str,
    pub quantity: Decimal,
    pub price: Decimal,
    pub retail: Decimal,
    /// None: the line is not in that export.
    pub actual: Option<Decimal>,
    pub amortised: Option<Decimal>,
}

/// One month.
pub struct Bill {
    agreement: Agreement,
    lines: Vec<Line>,
}

/// A generator of numbers that are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[usize::try_from(self.below(values.len() as u64)).unwrap()]
    }

    fn decimal(&mut self, bound: u64, scale: u32) -> Decimal {
        Decimal::new(i64::try_from(self.below(bound)).unwrap(), scale)
    }
}

pub const SUBSCRIPTION: &str = "0D8B14B6-1f2c-4a7e-9d55-aa30c14e7f01";
const RATE: &str = "0.9217463";
const RESERVATION: &str = "/providers/Microsoft.Capacity/reservationOrders/5B1D/reservations/77AA";
const PLAN: &str = "/providers/Microsoft.BillingBenefits/savingsPlanOrders/1F00/savingsPlans/20C4";

pub const METERS: [(&str, &str, &str); 5] = [
    ("Virtual Machines", "Microsoft.Compute/virtualMachines", "1 Hour"),
    ("Storage", "Microsoft.Storage/storageAccounts", "10K"),
    ("Bandwidth", "Microsoft.Network/publicIPAddresses", "1 GB"),
    ("Azure DNS", "Microsoft.Network/dnszones", "1M"),
    ("Load Balancer", "MICROSOFT.NETWORK/LOADBALANCERS", "100 Hours"),
];

impl Bill {
    /// A month with `count` charges for use, commitments and all.
    pub fn generate(seed: u64, agreement: Agreement, count: usize) -> Self {
        let mut numbers = Numbers(seed);
        let mut lines: Vec<Line> = (0..count).map(|_| usage(&mut numbers, agreement)).collect();
        if agreement != Agreement::PayAsYouGo {
            for (benefit, model, unused) in
                [(RESERVATION, "Reservation", "UnusedReservation"), (PLAN, "SavingsPlan", "UnusedSavingsPlan")]
            {
                lines.extend((0..20).map(|_| covered(&mut numbers, agreement, benefit, model)));
                lines.push(fee(&mut numbers, benefit, model, "Purchase"));
                lines.push(fee(&mut numbers, benefit, model, "Refund"));
                lines.push(Line {
                    charge_type: unused,
                    actual: None,
                    ..covered(&mut numbers, agreement, benefit, model)
                });
            }
            lines.push(other(&mut numbers, "Purchase", "Contoso Software"));
            lines.push(other(&mut numbers, "RoundingAdjustment", ""));
            lines.push(other(&mut numbers, "Tax", ""));
            lines.push(other(&mut numbers, "Credit", ""));
        }
        Self { agreement, lines }
    }

    /// A month with these charges.
    pub fn of(agreement: Agreement, lines: Vec<Line>) -> Self {
        Self { agreement, lines }
    }

    /// The sum of an export's costs.
    pub fn total(&self, report: Report) -> Decimal {
        self.lines.iter().filter_map(|line| line.cost(report)).sum()
    }

    /// How many rows an export has.
    pub fn rows(&self, report: Report) -> usize {
        self.lines.iter().filter(|line| line.cost(report).is_some()).count()
    }

    /// How many purchases and refunds of commitments the actual cost has.
    pub fn fees(&self) -> usize {
        self.lines.iter().filter(|line| line.is_fee()).count()
    }

    /// Without any commitment.
    pub fn without_commitments(mut self) -> Self {
        self.lines.retain(|line| line.benefit.is_empty());
        self
    }

    /// The first `count` rows of the export, or what comes after them: a part of it.
    pub fn part(&self, report: Report, skip: usize, count: usize) -> Vec<u8> {
        let lines: Vec<&Line> = self.lines.iter().filter(|line| line.cost(report).is_some()).collect();
        self.write(report, lines.into_iter().skip(skip).take(count))
    }

    /// An export.
    pub fn csv(&self, report: Report) -> Vec<u8> {
        self.part(report, 0, usize::MAX)
    }

    fn write<'a>(&self, report: Report, lines: impl Iterator<Item = &'a Line>) -> Vec<u8> {
        let enterprise = self.agreement == Agreement::Enterprise;
        let mut bytes = if enterprise { b"\xef\xbb\xbf".to_vec() } else { Vec::new() };
        let ends = if enterprise { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().terminator(ends).from_writer(&mut bytes);
        let header: &[&str] = match self.agreement {
            Agreement::Enterprise => &ENTERPRISE,
            Agreement::Customer => &CUSTOMER,
            Agreement::PayAsYouGo => &PAY_AS_YOU_GO,
        };
        writer.write_record(header).unwrap();
        for line in lines {
            let cost = line.cost(report).unwrap();
            writer.write_record(header.iter().map(|column| line.field(self.agreement, column, cost))).unwrap();
        }
        drop(writer);
        bytes
    }
}

impl Line {
    fn cost(&self, report: Report) -> Option<Decimal> {
        if report == Report::Actual { self.actual } else { self.amortised }
    }

    fn is_fee(&self) -> bool {
        !self.benefit.is_empty() && matches!(self.charge_type, "Purchase" | "Refund")
    }

    fn field(&self, agreement: Agreement, column: &str, cost: Decimal) -> String {
        let day = |day: u32| match agreement {
            Agreement::Enterprise => format!("03/{day:02}/2026"),
            _ => format!("2026-03-{day:02}"),
        };
        match column {
            "BillingAccountId" | "billingAccountId" => "8611537".to_owned(),
            "billingProfileId" => "ABCD-2FGH-XYZ-PGB".to_owned(),
            "BillingPeriodStartDate" | "billingPeriodStartDate" => day(1),
            "BillingPeriodEndDate" | "billingPeriodEndDate" => day(31),
            "SubscriptionId" | "SubscriptionGuid" => SUBSCRIPTION.to_owned(),
            "subscriptionName" => "Fleet, \"north\"".to_owned(),
            "Date" | "date" | "UsageDateTime" => day(self.day),
            "MeterCategory" | "meterCategory" => self.meter.to_owned(),
            "MeterId" | "meterId" => format!("meter of {}", self.meter),
            "Quantity" | "quantity" | "UsageQuantity" => self.quantity.to_string(),
            "UnitPrice" | "unitPrice" => self.price.to_string(),
            "EffectivePrice" | "ResourceRate" => self.price.to_string(),
            "Cost" | "costInBillingCurrency" | "PreTaxCost" => cost.to_string(),
            "BillingCurrency" | "billingCurrency" | "Currency" => "EUR".to_owned(),
            "pricingCurrency" => "USD".to_owned(),
            "exchangeRatePricingToBilling" => RATE.to_owned(),
            "PayGPrice" => self.retail.to_string(),
            "paygCostInBillingCurrency" if self.charge_type == "Usage" => {
                (self.retail * self.quantity * decimal(RATE)).round_dp(20).to_string()
            }
            "ResourceLocation" | "resourceLocation" => self.location.to_owned(),
            "ResourceId" | "InstanceId" => self.resource.clone(),
            "Tags" if agreement == Agreement::Enterprise => "\"env\": \"prod\",\"owner\": \"a, b\"".to_owned(),
            "tags" => "{\"env\": \"prod\"}".to_owned(),
            "UnitOfMeasure" | "unitOfMeasure" => self.unit.to_owned(),
            "benefitId" => self.benefit.clone(),
            "ChargeType" | "chargeType" => self.charge_type.to_owned(),
            "PricingModel" | "pricingModel" => self.pricing_model.to_owned(),
            "Frequency" | "frequency" => if self.charge_type == "Usage" { "UsageBased" } else { "OneTime" }.to_owned(),
            "PublisherType" | "publisherType" => {
                if self.publisher.is_empty() { "Azure" } else { "Marketplace" }.to_owned()
            }
            "PublisherName" | "publisherName" => self.publisher.to_owned(),
            _ => String::new(),
        }
    }
}

const ENTERPRISE: [&str; 24] = [
    "BillingAccountId",
    "BillingPeriodStartDate",
    "BillingPeriodEndDate",
    "SubscriptionId",
    "Date",
    "Product",
    "MeterId",
    "MeterCategory",
    "Quantity",
    "EffectivePrice",
    "Cost",
    "UnitPrice",
    "BillingCurrency",
    "ResourceLocation",
    "ResourceId",
    "Tags",
    "UnitOfMeasure",
    "PublisherName",
    "PublisherType",
    "ChargeType",
    "Frequency",
    "PayGPrice",
    "PricingModel",
    "benefitId",
];

const CUSTOMER: [&str; 27] = [
    "billingAccountId",
    "billingProfileId",
    "billingPeriodStartDate",
    "billingPeriodEndDate",
    "SubscriptionId",
    "subscriptionName",
    "date",
    "meterId",
    "meterCategory",
    "quantity",
    "unitPrice",
    "costInBillingCurrency",
    "billingCurrency",
    "pricingCurrency",
    "exchangeRatePricingToBilling",
    "PayGPrice",
    "paygCostInBillingCurrency",
    "resourceLocation",
    "ResourceId",
    "tags",
    "unitOfMeasure",
    "publisherName",
    "publisherType",
    "chargeType",
    "frequency",
    "pricingModel",
    "benefitId",
];

const PAY_AS_YOU_GO: [&str; 11] = [
    "SubscriptionGuid",
    "ResourceLocation",
    "UsageDateTime",
    "MeterCategory",
    "MeterId",
    "UsageQuantity",
    "ResourceRate",
    "PreTaxCost",
    "InstanceId",
    "Currency",
    "UnitOfMeasure",
];

fn usage(numbers: &mut Numbers, agreement: Agreement) -> Line {
    let (meter, kind, unit) = numbers.one_of(&METERS);
    let quantity = numbers.decimal(900_000_000, 7) - numbers.decimal(900_000, 7);
    let price = numbers.one_of(&["0.05", "0.1281", "0", "1.75", "0.0000042"]);
    let price = decimal(price);
    let rate = if agreement == Agreement::Customer { decimal(RATE) } else { Decimal::ONE };
    // Costs have more digits than quantity and price explain.
    let cost = quantity * price * rate + numbers.decimal(9_999, 19);
    let cost = if price.is_zero() { Decimal::ZERO } else { cost };
    Line {
        day: 1 + u32::try_from(numbers.below(31)).unwrap(),
        charge_type: "Usage",
        pricing_model: numbers.one_of(&["OnDemand", "OnDemand", "Spot"]),
        unit: if agreement == Agreement::PayAsYouGo { unit } else { numbers.one_of(&[unit, unit, "3 Crates", ""]) },
        meter,
        resource: format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/RG/providers/{kind}/r{}", numbers.below(40)),
        location: numbers.one_of(&["EastUS", "us west 2", "DE West Central", ""]),
        benefit: String::new(),
        publisher: numbers.one_of(&["", "", "", "Contoso Software"]),
        quantity,
        price,
        retail: numbers.one_of(&[Decimal::ZERO, price, price * decimal("1.25")]),
        actual: Some(cost),
        amortised: Some(cost),
    }
}

fn covered(numbers: &mut Numbers, agreement: Agreement, benefit: &str, model: &'static str) -> Line {
    let amortised = numbers.decimal(9_000_000, 8) + numbers.decimal(1_000_000, 28);
    Line {
        pricing_model: model,
        benefit: numbers.one_of(&[benefit.to_owned(), benefit.to_uppercase()].each_ref()).clone(),
        unit: "1 Hour",
        price: decimal("0.146"),
        publisher: "",
        actual: Some(Decimal::ZERO),
        amortised: Some(amortised),
        ..usage(numbers, agreement)
    }
}

fn fee(numbers: &mut Numbers, benefit: &str, model: &'static str, charge_type: &'static str) -> Line {
    let sign = if charge_type == "Refund" { -Decimal::ONE } else { Decimal::ONE };
    let cost = sign * numbers.decimal(9_000_000, 4);
    Line {
        day: 15,
        charge_type,
        pricing_model: model,
        unit: "1 Hour",
        meter: "Virtual Machines",
        resource: String::new(),
        location: "",
        benefit: benefit.to_owned(),
        publisher: "",
        quantity: sign,
        price: cost.abs(),
        retail: Decimal::ZERO,
        actual: Some(cost),
        amortised: None,
    }
}

fn other(numbers: &mut Numbers, charge_type: &'static str, publisher: &'static str) -> Line {
    let cost = numbers.decimal(90_000, 4) - decimal("4");
    Line {
        charge_type,
        pricing_model: "OnDemand",
        resource: String::new(),
        meter: "",
        publisher,
        amortised: Some(cost),
        quantity: Decimal::ONE,
        price: cost,
        ..fee(numbers, "", "OnDemand", charge_type)
    }
    .with_actual(cost)
}

impl Line {
    fn with_actual(mut self, cost: Decimal) -> Self {
        self.actual = Some(cost);
        self
    }
}
