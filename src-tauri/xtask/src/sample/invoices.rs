//! The invoices: each equals its charges, but for the exceptions that are told.

use super::{
    calendar::Month,
    fixed::Fixed,
    ledger::Ledger,
    model::{BillingAccount, Model, Provider},
    random,
};

const SEED: u64 = 53;

/// An invoice that differs from its charges on purpose.
pub(crate) struct Exception {
    pub(crate) id: &'static str,
    provider: Provider,
    currency: &'static str,
    pub(crate) month: Month,
    /// Invoice less charges.
    pub(crate) difference: Fixed,
    pub(crate) reason: &'static str,
}

pub(crate) const EXCEPTIONS: [Exception; 2] = [
    Exception {
        id: "rounding-of-a-cent",
        provider: Provider::GoogleCloud,
        currency: "USD",
        month: Month { year: 2026, month: 2 },
        difference: Fixed::thousandths(10),
        reason: "The invoice was rounded line by line and is one cent above the sum of its charges.",
    },
    Exception {
        id: "late-credit",
        provider: Provider::Microsoft,
        currency: "USD",
        month: Month { year: 2026, month: 8 },
        difference: Fixed::whole(-840),
        reason: "A service credit of 840.00 was granted after the export was closed: it is on the invoice and in no file.",
    },
];

impl Exception {
    pub(crate) fn concerns(&self, account: &BillingAccount, month: Month) -> bool {
        account.provider == self.provider && account.currency == self.currency && month == self.month
    }

    /// The account it concerns.
    pub(crate) fn account<'a>(&self, model: &'a Model) -> Option<&'a BillingAccount> {
        model.billing_accounts.iter().find(|account| self.concerns(account, self.month))
    }
}

pub(crate) struct Invoice<'a> {
    pub(crate) number: String,
    pub(crate) account: &'a BillingAccount,
    pub(crate) month: Month,
    pub(crate) amount: Fixed,
}

/// The number of the one invoice that an account gets for a month, in the provider's form.
pub(crate) fn number(account: &BillingAccount, month: Month) -> String {
    let digits = random::of_text(SEED, &format!("{}/{month}", account.id)) % 100_000_000;
    match account.provider {
        Provider::Aws => format!("21{digits:08}"),
        Provider::Microsoft => format!("G1{digits:08}"),
        Provider::GoogleCloud => format!("52{digits:08}"),
    }
}

/// Every invoice, by account and month.
pub(crate) fn invoices<'a>(model: &'a Model, ledger: &Ledger) -> Vec<Invoice<'a>> {
    let mut invoices = Vec::new();
    for (index, account) in model.billing_accounts.iter().enumerate() {
        for month in Month::all() {
            let charged = ledger.total(|key| key.billing_account == index && key.month == month).billed;
            let exceptions = EXCEPTIONS.iter().filter(|exception| exception.concerns(account, month));
            let difference: Fixed = exceptions.map(|exception| exception.difference).sum();
            invoices.push(Invoice { number: number(account, month), account, month, amount: charged + difference });
        }
    }
    invoices
}

/// `invoices.csv`.
pub(crate) fn csv(invoices: &[Invoice<'_>]) -> String {
    let mut text = String::from("invoice_id,issuer,billing_account_id,billing_period,currency,amount\n");
    for invoice in invoices {
        let account = invoice.account;
        let issuer =
            if account.issuer.contains(',') { format!("\"{}\"", account.issuer) } else { account.issuer.clone() };
        text.push_str(&format!(
            "{},{issuer},{},{},{},{}\n",
            invoice.number,
            account.id,
            invoice.month,
            account.currency,
            with_cents(invoice.amount)
        ));
    }
    text
}

/// An amount as an invoice prints it: two places, always.
pub(crate) fn with_cents(amount: Fixed) -> String {
    let text = amount.to_string();
    match text.split_once('.') {
        None => format!("{text}.00"),
        Some((whole, fraction)) => format!("{whole}.{fraction:0<2}"),
    }
}
