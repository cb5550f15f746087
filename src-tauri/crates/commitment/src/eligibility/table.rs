//! [`EligibilityTable`]: rules as data, read from TOML.

use std::collections::{BTreeMap, BTreeSet};

use money::Amount;
use toml_edit::{Document, Item, TableLike};

use super::pattern::{Kept, Pattern};
use super::{Attributes, Eligibility};
use crate::model::Program;

const BUILT_IN: &str = include_str!("rules.toml");

/// The columns that a rule may name.
const COLUMNS: [&str; 8] =
    ["provider", "service", "meter", "description", "unit", "instance_type", "platform", "tenancy"];

/// Rules in order; the first one that fits decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EligibilityTable {
    rules: Vec<EligibilityRule>,
    sizes: BTreeMap<String, BTreeMap<String, Amount>>,
    operations: BTreeMap<String, String>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EligibilityRule {
    /// Its name.
    pub name: String,
    /// Why it is so; begins with "a reading:" where it is an interpretation.
    pub why: String,
    /// What may cover the charges that fit.
    pub programs: BTreeSet<Program>,
    conditions: Vec<Condition>,
    family: String,
    size: Option<String>,
    sizes: Option<String>,
    flexible: Option<Vec<Condition>>,
}

/// What is asked of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    column: &'static str,
    not: bool,
    patterns: Vec<Pattern>,
}

/// A rule table that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the eligibility rules, line {line}: {problem}")]
pub struct TableError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub problem: String,
}

impl EligibilityTable {
    /// The rules that come with the product.
    ///
    /// # Errors
    /// None: a test reads them.
    pub fn built_in() -> Result<Self, TableError> {
        Self::parse(BUILT_IN)
    }

    /// The text of the rules that come with the product.
    #[must_use]
    pub const fn built_in_text() -> &'static str {
        BUILT_IN
    }

    /// Reads a rule table.
    ///
    /// # Errors
    /// [`TableError`] with the line of the first problem.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let line_at = |byte: usize| 1 + text.bytes().take(byte).filter(|byte| *byte == b'\n').count();
        let document = Document::parse(text).map_err(|error| TableError {
            line: error.span().map_or(1, |span| line_at(span.start)),
            problem: format!("this is no TOML: {}", error.message().lines().next().unwrap_or_default()),
        })?;
        let mut sizes = BTreeMap::new();
        for (name, item) in document.get("sizes").and_then(Item::as_table_like).into_iter().flat_map(TableLike::iter) {
            let line = item.span().map_or(1, |span| line_at(span.start));
            let factors = item.as_table_like().into_iter().flat_map(TableLike::iter).map(|(size, factor)| {
                let number = factor.as_str().and_then(|text| text.parse::<Amount>().ok());
                let number = number.filter(|number| *number > Amount::ZERO);
                number.map(|number| (size.to_owned(), number)).ok_or_else(|| TableError {
                    line,
                    problem: format!("the factor of size `{size}` is no number above zero in quotes"),
                })
            });
            sizes.insert(name.to_owned(), factors.collect::<Result<_, _>>()?);
        }
        let mut rules = Vec::new();
        for table in document.get("rule").and_then(Item::as_array_of_tables).into_iter().flatten() {
            let line = table.span().map_or(1, |span| line_at(span.start));
            let rule = rule(table).map_err(|problem| TableError { line, problem })?;
            if let Some(missing) = rule.sizes.as_ref().filter(|name| !sizes.contains_key(*name)) {
                return Err(TableError { line, problem: format!("there is no table [sizes.{missing}]") });
            }
            rules.push(rule);
        }
        if rules.is_empty() {
            return Err(TableError { line: 1, problem: "there is no [[rule]]".to_owned() });
        }
        let operations = document.get("operations").and_then(Item::as_table_like).into_iter().flat_map(TableLike::iter);
        let operations =
            operations.filter_map(|(name, platform)| Some((name.to_owned(), platform.as_str()?.to_owned())));
        Ok(Self { rules, sizes, operations: operations.collect() })
    }

    /// The rules in order.
    #[must_use]
    pub fn rules(&self) -> &[EligibilityRule] {
        &self.rules
    }

    /// The operating system or engine that a provider's operation stands for.
    #[must_use]
    pub fn platform_of(&self, operation: &str) -> Option<&str> {
        self.operations.get(operation).map(String::as_str)
    }

    /// What can cover a charge; none where no rule fits.
    #[must_use]
    pub fn of(&self, charge: &Attributes<'_>) -> Option<Eligibility<'_>> {
        self.rules.iter().find_map(|rule| self.by(rule, charge))
    }

    fn by<'a>(&'a self, rule: &'a EligibilityRule, charge: &Attributes<'_>) -> Option<Eligibility<'a>> {
        let mut kept: Kept = Vec::new();
        for condition in &rule.conditions {
            kept.extend(condition.fit(charge)?);
        }
        let text = |template: &str| filled(template, &kept, charge);
        let size = rule.size.as_deref().map(text);
        let flexible = rule.flexible.as_ref().is_some_and(|all| all.iter().all(|one| one.fit(charge).is_some()));
        let factors = rule.sizes.as_ref().and_then(|name| self.sizes.get(name)).filter(|_| flexible);
        let size_factor = factors.zip(size.as_deref()).and_then(|(factors, size)| factor(factors, size));
        Some(Eligibility {
            rule: &rule.name,
            why: &rule.why,
            programs: rule.programs.clone(),
            family: text(&rule.family),
            size,
            size_factor,
        })
    }
}

impl Condition {
    /// What is kept where it holds.
    fn fit(&self, charge: &Attributes<'_>) -> Option<Kept> {
        let value = column(charge, self.column);
        let found = self.patterns.iter().find_map(|pattern| pattern.fit(value));
        if self.not { found.is_none().then(Vec::new) } else { found }
    }
}

fn column<'a>(charge: &Attributes<'a>, name: &str) -> &'a str {
    match name {
        "provider" => charge.provider,
        "service" => charge.service,
        "meter" => charge.meter,
        "description" => charge.description,
        "unit" => charge.unit,
        "instance_type" => charge.instance_type,
        "platform" => charge.platform,
        _ => charge.tenancy,
    }
}

/// A template with what was kept, or a column of the charge, in place of each name; a name without a value is nothing.
fn filled(template: &str, kept: &Kept, charge: &Attributes<'_>) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let value = kept.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        text.push_str(value.unwrap_or_else(|| if COLUMNS.contains(&name) { column(charge, name) } else { "" }));
        rest = after;
    }
    text.push_str(rest);
    text
}

/// The factor of a size: a number in front multiplies (`2xlarge` is two `xlarge`); of `metal-24xl` what follows the hyphen counts.
fn factor(factors: &BTreeMap<String, Amount>, size: &str) -> Option<Amount> {
    let size = size.rsplit('-').next().unwrap_or(size).to_ascii_lowercase();
    let digits = size.bytes().take_while(u8::is_ascii_digit).count();
    let (count, name) = size.split_at(digits);
    let one = *factors.get(name)?;
    let count = if count.is_empty() { Amount::from_integer(1) } else { count.parse().ok()? };
    one.checked_mul(count).ok().filter(|factor| *factor > Amount::ZERO)
}

fn rule(table: &dyn TableLike) -> Result<EligibilityRule, String> {
    let optional = |key: &str| table.get(key).and_then(Item::as_str).map(str::to_owned);
    let text = |key: &str| optional(key).ok_or_else(|| format!("the rule has no text `{key}`"));
    let name = text("name")?;
    let programs: BTreeSet<Program> =
        texts(table.get("programs"))?.iter().map(|key| key.parse().unwrap_or(Program::Other(key.clone()))).collect();
    if let Some(Program::Other(unknown)) = programs.iter().find(|program| matches!(program, Program::Other(_))) {
        return Err(format!("rule `{name}` names the program `{unknown}`, which is not known"));
    }
    if programs.is_empty() {
        return Err(format!("rule `{name}` names no program"));
    }
    for (key, _) in table.iter() {
        let known = ["name", "why", "programs", "family", "size", "sizes", "flexible"];
        if !known.contains(&key) && !COLUMNS.contains(&key.strip_prefix("not_").unwrap_or(key)) {
            return Err(format!("rule `{name}` has the key `{key}`, which is not known"));
        }
    }
    let flexible = match table.get("flexible") {
        None => None,
        Some(item) => {
            let inner = item.as_table_like().ok_or_else(|| format!("`flexible` of rule `{name}` is no table"))?;
            Some(conditions(inner)?)
        }
    };
    Ok(EligibilityRule {
        why: text("why")?,
        programs,
        conditions: conditions(table)?,
        family: text("family")?,
        size: optional("size"),
        sizes: optional("sizes"),
        flexible,
        name,
    })
}

fn conditions(table: &dyn TableLike) -> Result<Vec<Condition>, String> {
    let mut conditions = Vec::new();
    for column in COLUMNS {
        for (not, key) in [(false, column.to_owned()), (true, format!("not_{column}"))] {
            let Some(item) = table.get(&key) else { continue };
            let patterns = texts(Some(item))?.iter().map(|text| Pattern::parse(text)).collect::<Result<_, _>>()?;
            conditions.push(Condition { column, not, patterns });
        }
    }
    Ok(conditions)
}

fn texts(item: Option<&Item>) -> Result<Vec<String>, String> {
    let refused = || "patterns and programs are lists of texts".to_owned();
    let list = item.and_then(Item::as_array).ok_or_else(refused)?;
    list.iter().map(|value| value.as_str().map(str::to_owned).ok_or_else(refused)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(charge: Attributes<'_>) -> String {
        let table = EligibilityTable::built_in().unwrap();
        match table.of(&charge) {
            None => "nothing".to_owned(),
            Some(found) => {
                let programs: Vec<&str> = found.programs.iter().map(Program::key).collect();
                let factor = found.size_factor.map_or_else(|| "-".to_owned(), |factor| factor.normalized().to_string());
                format!("{} {} {factor} {}", found.family, found.size.as_deref().unwrap_or("-"), programs.join(","))
            }
        }
    }

    #[test]
    fn aws_usage_types_are_read() {
        let ec2 = |meter, platform, tenancy| {
            shown(Attributes {
                provider: "AWS",
                service: "Amazon Elastic Compute Cloud",
                meter,
                platform,
                tenancy,
                ..Attributes::default()
            })
        };
        let all = "aws-standard-reserved-instance,aws-convertible-reserved-instance,aws-ec2-instance-savings-plan,aws-compute-savings-plan";
        assert_eq!(ec2("BoxUsage:m5.2xlarge", "Linux", "Shared"), format!("m5 2xlarge 16 {all}"));
        assert_eq!(ec2("EUW2-BoxUsage:t3.nano", "Linux", ""), format!("t3 nano 0.25 {all}"));
        assert_eq!(ec2("BoxUsage:u-6tb1.112xlarge", "Linux", ""), format!("u-6tb1 112xlarge 896 {all}"));
        assert_eq!(ec2("BoxUsage:m7i.metal-24xl", "Linux", ""), format!("m7i metal-24xl 192 {all}"));
        assert_eq!(ec2("BoxUsage:m5.metal", "Linux", ""), format!("m5 metal - {all}"), "its factor is not in the name");
        assert_eq!(
            ec2("BoxUsage:m5.large", "Windows", "Shared"),
            format!("m5 large - {all}"),
            "Windows has no size flexibility"
        );
        assert_eq!(ec2("DedicatedUsage:m5.large", "Linux", "Dedicated"), format!("m5 large - {all}"));
        for meter in ["SpotUsage:c5.large", "EBS:VolumeUsage.gp2", "EBSOptimized:m5.large", "CPUCredits:t3"] {
            assert_eq!(ec2(meter, "Linux", ""), "nothing", "{meter}");
        }
        let of = |service, meter, platform| {
            shown(Attributes { provider: "AWS", service, meter, platform, ..Attributes::default() })
        };
        assert_eq!(
            of("Amazon Relational Database Service", "InstanceUsage:db.r6g.4xlarge", "PostgreSQL"),
            "db.r6g 4xlarge 32 aws-standard-reserved-instance,aws-database-savings-plan"
        );
        assert_eq!(
            of("AmazonRDS", "USW2-Multi-AZUsage:db.m5.large", "MySQL"),
            "db.m5 large 8 aws-standard-reserved-instance,aws-database-savings-plan"
        );
        assert_eq!(
            of("AmazonRDS", "InstanceUsage:db.m5.large", "SQL Server SE"),
            "db.m5 large - aws-standard-reserved-instance,aws-database-savings-plan"
        );
        assert_eq!(of("AWS Lambda", "Lambda-GB-Second", ""), "Lambda - - aws-compute-savings-plan");
        assert_eq!(of("AmazonECS", "USE1-Fargate-vCPU-Hours:perCPU", ""), "Fargate - - aws-compute-savings-plan");
        assert_eq!(of("AmazonECS", "USE1-SpotUsage-Fargate-vCPU-Hours:perCPU", ""), "nothing");
        assert_eq!(of("Amazon SageMaker", "Host:ml.g5.xlarge", ""), "ml.g5 xlarge - aws-sagemaker-savings-plan");
    }

    #[test]
    fn azure_and_google_meters_are_read() {
        let azure =
            |service, meter| shown(Attributes { provider: "Microsoft", service, meter, ..Attributes::default() });
        let both = "azure-reservation,azure-savings-plan";
        assert_eq!(azure("Virtual Machines", "D8s v5"), format!("Dsv5 8 8 {both}"));
        assert_eq!(azure("Virtual Machines", "D2 v3/D2s v3"), format!("Dv3 2 2 {both}"));
        assert_eq!(azure("Virtual Machines", "B2ms"), format!("Bms 2 2 {both}"));
        assert_eq!(azure("Virtual Machines", "D8s v5 Spot"), "nothing");
        assert_eq!(azure("Azure Cosmos DB", "100 RU/s"), "Cosmos DB throughput - - azure-reservation");
        let google = |meter, instance_type| {
            shown(Attributes {
                provider: "Google Cloud",
                service: "Compute Engine",
                meter,
                instance_type,
                ..Attributes::default()
            })
        };
        let both = "gcp-resource-commitment,gcp-spend-commitment";
        assert_eq!(google("N2 Instance Core running in Americas", ""), format!("N2 vCPU - - {both}"));
        assert_eq!(google("E2 Instance Ram running in Belgium", ""), format!("E2 memory - - {both}"));
        assert_eq!(google("Spot Preemptible N2 Instance Core running in Americas", ""), "nothing");
        assert_eq!(google("CoreRam", "n2-standard-16"), "n2 16 - gcp-spend-commitment");
    }

    #[test]
    fn what_is_wrong_with_a_table_is_said_with_its_line() {
        for (text, line, says) in [
            ("", 1, "no [[rule]]"),
            ("x = ", 1, "no TOML"),
            ("\n[[rule]]\nname = \"a\"\nwhy=\"\"\nfamily=\"\"\nprograms = [\"gold\"]\n", 2, "gold"),
            (
                "[[rule]]\nname = \"a\"\nwhy=\"\"\nfamily=\"\"\nprograms = [\"azure-reservation\"]\ncolour = [\"x\"]\n",
                1,
                "colour",
            ),
            (
                "[[rule]]\nname = \"a\"\nwhy=\"\"\nfamily=\"\"\nsizes=\"x\"\nprograms = [\"azure-reservation\"]\n",
                1,
                "[sizes.x]",
            ),
        ] {
            let error = EligibilityTable::parse(text).unwrap_err();
            assert!(error.line == line && error.problem.contains(says), "{text:?}: {error}");
        }
    }

    #[test]
    fn every_rule_says_why() {
        let table = EligibilityTable::built_in().unwrap();
        assert!(table.rules().iter().all(|rule| !rule.why.is_empty() && !rule.conditions.is_empty()));
        let names: BTreeSet<&str> = table.rules().iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!(names.len(), table.rules().len(), "names are reasons, each its own");
    }
}
