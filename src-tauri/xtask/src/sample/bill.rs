//! A month's bill of one billing account, row by row.

use chrono::NaiveDate;

use super::{
    calendar::{FIRST_HOURLY_MONTH, Month, Span},
    charge::{Applied, Category, Charge, Costs, Pricing, Subject},
    coverage::{self, Hour},
    events::{self, CORRECTION_MONTH, CORRECTION_QUANTITY, Delivery},
    fixed::Fixed,
    model::{BillingAccount, CommitmentCategory, Event, Line, Model, Payment, Provider, Shape, Sku},
    usage,
};

#[derive(Debug)]
pub(crate) struct Bill<'a> {
    pub(crate) account: &'a BillingAccount,
    pub(crate) month: Month,
    /// The number of the invoice that the whole bill is on.
    pub(crate) invoice: String,
    pub(crate) charges: Vec<Charge<'a>>,
}

/// The bill of a month: usage, commitments, fees, corrections, credits, then tax and rounding on all of them.
pub(crate) fn bill(model: &Model, billing_account: usize, month: Month, delivery: Delivery) -> Bill<'_> {
    let account = &model.billing_accounts[billing_account];
    let mut writer = Writer { model, account, billing_account, month, delivery, charges: Vec::new() };
    let days: Vec<coverage::Day> = month.days().map(|day| coverage::replay(model, billing_account, day)).collect();
    for (index, line) in model.lines.iter().enumerate().filter(|(_, line)| line.billing_account == billing_account) {
        if line.shape.is_instance() {
            writer.instance(index, line, &days);
        } else {
            writer.metered(line);
        }
    }
    writer.commitments(&days);
    writer.corrections();
    writer.credits();
    writer.closing();
    Bill { account, month, invoice: super::invoices::number(account, month), charges: writer.charges }
}

struct Writer<'a> {
    model: &'a Model,
    account: &'a BillingAccount,
    billing_account: usize,
    month: Month,
    delivery: Delivery,
    charges: Vec<Charge<'a>>,
}

impl<'a> Writer<'a> {
    /// Azure's exports know days only; the others deliver compute by the hour in the last quarter.
    fn is_hourly(&self) -> bool {
        self.account.provider != Provider::Microsoft && self.month >= FIRST_HOURLY_MONTH
    }

    fn instance(&mut self, index: usize, line: &'a Line, days: &[coverage::Day]) {
        for (day, replayed) in self.month.days().zip(days) {
            let hours = &replayed.lines[index];
            if self.is_hourly() {
                for (hour, state) in (0_u32..).zip(hours) {
                    self.running(line, Span::hour(day, hour), day, *state, 1);
                }
                continue;
            }
            let mut states = hours.to_vec();
            states.sort_unstable();
            for run in states.chunk_by(|left, right| left == right) {
                self.running(line, Span::day(day), day, run[0], i64::try_from(run.len()).unwrap_or(0));
            }
        }
    }

    fn running(&mut self, line: &'a Line, span: Span, day: NaiveDate, state: Hour, hours: i64) {
        let sku = &self.model.skus[line.sku];
        let quantity = Fixed::whole(hours);
        let mut charge = self.usage(line, span, day, quantity);
        match state {
            Hour::Off => return,
            Hour::OnDemand => {}
            Hour::Covered(index) => {
                let commitment = &self.model.commitments[index];
                charge.costs.billed = Fixed::ZERO;
                charge.costs.effective = sku.committed_price().times(quantity);
                charge.pricing = charge.pricing.map(|pricing| Pricing { category: "Committed", ..pricing });
                let quantity = match commitment.category {
                    CommitmentCategory::Spend => charge.costs.effective,
                    CommitmentCategory::Usage => quantity,
                };
                charge.applied = Some(Applied { commitment, status: Some("Used"), quantity });
            }
        }
        self.charges.push(charge);
    }

    fn metered(&mut self, line: &'a Line) {
        for day in self.month.days() {
            let quantity = usage::quantity(self.model, line, day, self.delivery);
            if quantity.is_zero() {
                continue;
            }
            let mut charge = self.usage(line, Span::day(day), day, quantity);
            if line.shape == Shape::Monthly {
                charge.category = Category::Purchase;
                charge.frequency = "Recurring";
                charge.span = Span::month(self.month);
                charge.consumed = None;
            }
            self.charges.push(charge);
        }
    }

    /// A charge at the negotiated price.
    fn usage(&self, line: &'a Line, span: Span, day: NaiveDate, quantity: Fixed) -> Charge<'a> {
        let model = self.model;
        let sku = &model.skus[line.sku];
        let service = &model.services[sku.service];
        let region = &model.regions[line.region];
        let list_price = events::list_price(sku, day);
        let contracted_price = events::contracted_price(sku, day);
        let contracted = contracted_price.times(quantity);
        Charge {
            category: Category::Usage,
            is_correction: false,
            frequency: "Usage-Based",
            description: &sku.description,
            span,
            costs: Costs { list: list_price.times(quantity), ..Costs::equal(contracted) },
            pricing: Some(Pricing { sku, category: &sku.pricing_category, quantity, list_price, contracted_price }),
            consumed: Some(quantity.times(sku.block)),
            service,
            account: Some(&model.accounts[line.account]),
            region: Some(region),
            zone: if line.shape.is_instance() { region.zone.as_deref() } else { None },
            subject: line.resource.as_ref().map(|resource| Subject {
                id: &resource.id,
                name: &resource.name,
                kind: service.resource_type.as_deref().unwrap_or_default(),
                group: Some(&resource.group),
            }),
            applied: None,
            tags: &line.tags,
        }
    }

    /// Fees and what of them nobody used. An upfront fee is bought whole on the first day; a recurring one by the hour or the day
    /// as the usage it covers, monthly on Azure.
    fn commitments(&mut self, days: &[coverage::Day]) {
        let model = self.model;
        for (index, commitment) in model.commitments.iter().enumerate() {
            if commitment.billing_account != self.billing_account {
                continue;
            }
            let is_upfront = commitment.payment == Payment::Upfront;
            let is_monthly = self.account.provider == Provider::Microsoft && !is_upfront;
            let mut hours_in_month = 0;
            for (day, replayed) in self.month.days().zip(days).filter(|(day, _)| commitment.runs_on(*day)) {
                let unused = &replayed.unused[index];
                hours_in_month += 24;
                if is_upfront && day == commitment.from {
                    self.committed(index, Span::day(day), Category::Purchase, commitment.units());
                }
                if self.is_hourly() {
                    for (hour, unused) in (0_u32..).zip(unused) {
                        if !is_upfront {
                            self.committed(index, Span::hour(day, hour), Category::Purchase, commitment.hourly);
                        }
                        self.committed(index, Span::hour(day, hour), Category::Usage, *unused);
                    }
                    continue;
                }
                if !is_upfront && !is_monthly {
                    let bought = commitment.hourly.times(Fixed::whole(24));
                    self.committed(index, Span::day(day), Category::Purchase, bought);
                }
                self.committed(index, Span::day(day), Category::Usage, unused.iter().copied().sum());
            }
            if is_monthly {
                let bought = commitment.hourly.times(Fixed::whole(hours_in_month));
                self.committed(index, Span::day(self.month.first_day()), Category::Purchase, bought);
            }
        }
    }

    /// The purchase of `quantity` units of a commitment, or (as usage) that they stayed unused.
    fn committed(&mut self, index: usize, span: Span, category: Category, quantity: Fixed) {
        if quantity.is_zero() {
            return;
        }
        let model = self.model;
        let commitment = &model.commitments[index];
        let sku: &Sku = &model.skus[commitment.sku];
        let price = commitment.unit_price(&model.skus);
        let cost = price.times(quantity);
        let is_purchase = category == Category::Purchase;
        let (billed, effective) = if is_purchase { (cost, Fixed::ZERO) } else { (Fixed::ZERO, cost) };
        self.charges.push(Charge {
            category,
            is_correction: false,
            frequency: match (category, commitment.payment) {
                (Category::Purchase, Payment::Upfront) => "One-Time",
                (Category::Purchase, Payment::Recurring) => "Recurring",
                _ => "Usage-Based",
            },
            description: &sku.description,
            span,
            costs: Costs { billed, effective, contracted: cost, list: cost },
            pricing: Some(Pricing {
                sku,
                category: if is_purchase { "Standard" } else { "Committed" },
                quantity,
                list_price: price,
                contracted_price: price,
            }),
            consumed: None,
            service: &model.services[sku.service],
            account: Some(&model.accounts[commitment.account]),
            region: commitment.region.map(|region| &model.regions[region]),
            zone: None,
            subject: Some(Subject { id: &commitment.id, name: &commitment.name, kind: &commitment.kind, group: None }),
            applied: Some(Applied { commitment, status: if is_purchase { None } else { Some("Unused") }, quantity }),
            tags: "",
        });
    }

    /// Takes back, in a later billing period, what was metered too high: the original charge periods, negative costs.
    fn corrections(&mut self) {
        if self.month != CORRECTION_MONTH {
            return;
        }
        let model = self.model;
        let (first, last) = events::over_metered_days();
        let corrected =
            |line: &&Line| line.billing_account == self.billing_account && line.event == Some(Event::Correction);
        for line in model.lines.iter().filter(corrected).collect::<Vec<_>>() {
            for day in first.iter_days().take_while(|day| *day <= last) {
                let mut charge = self.usage(line, Span::day(day), day, -CORRECTION_QUANTITY);
                charge.is_correction = true;
                charge.description = "Correction of over-metered analysis";
                self.charges.push(charge);
            }
        }
    }

    fn credits(&mut self) {
        let model = self.model;
        for credit in &model.credits {
            if credit.billing_account == self.account.id && credit.month == self.month {
                let service = model.service_named(self.account.provider, &credit.service);
                let mut charge =
                    self.standalone(Category::Credit, &credit.description, "One-Time", service.name.as_str());
                charge.costs = Costs::equal(-credit.amount);
                charge.account = Some(model.account_with(&credit.account));
                self.charges.push(charge);
            }
        }
    }

    /// Tax on everything, then the fraction of a cent that makes the invoice whole.
    fn closing(&mut self) {
        let mut total = self.total();
        let mut tax = self.standalone(Category::Tax, "Tax on the month's charges", "Recurring", "Tax");
        tax.costs = total.tax(self.account.tax_percent);
        total += tax.costs;
        self.charges.push(tax);
        if !total.rounding().is_zero() {
            let mut rounding =
                self.standalone(Category::Adjustment, "Rounding to whole cents", "One-Time", "Invoice rounding");
            rounding.costs = Costs::equal(total.rounding());
            self.charges.push(rounding);
        }
    }

    fn total(&self) -> Costs {
        self.charges.iter().fold(Costs::default(), |mut total, charge| {
            total += charge.costs;
            total
        })
    }

    /// A charge of the whole month without a SKU, a price or a resource.
    fn standalone(
        &self,
        category: Category,
        description: &'a str,
        frequency: &'static str,
        service: &str,
    ) -> Charge<'a> {
        Charge {
            category,
            is_correction: false,
            frequency,
            description,
            span: Span::month(self.month),
            costs: Costs::default(),
            pricing: None,
            consumed: None,
            service: self.model.service_named(self.account.provider, service),
            account: None,
            region: None,
            zone: None,
            subject: None,
            applied: None,
            tags: "",
        }
    }
}
