//! Service categories and subcategories.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The values of `ServiceCategory`, in the order of the specification.
pub static SERVICE_CATEGORIES: &[&str] = &[
    "AI and Machine Learning",
    "Analytics",
    "Business Applications",
    "Compute",
    "Databases",
    "Developer Tools",
    "Multicloud",
    "Identity",
    "Integration",
    "Internet of Things",
    "Management and Governance",
    "Media",
    "Migration",
    "Mobile",
    "Networking",
    "Security",
    "Storage",
    "Web",
    "Other",
];

static PARENTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let by_category: BTreeMap<String, Vec<String>> =
        toml::from_str(include_str!("../data/service_categories.toml")).unwrap_or_default();
    by_category
        .into_iter()
        .flat_map(|(category, subcategories)| subcategories.into_iter().map(move |name| (name, category.clone())))
        .collect()
});

/// Every `ServiceSubcategory` with the one `ServiceCategory` it belongs to, by name.
pub fn service_subcategories() -> &'static BTreeMap<String, String> {
    &PARENTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subcategory_has_a_known_category() {
        assert_eq!(service_subcategories().len(), 82, "FOCUS 1.4 lists 82 subcategories");
        for (name, category) in service_subcategories() {
            assert!(SERVICE_CATEGORIES.contains(&category.as_str()), "{name} lies in {category}, which is no category");
        }
        assert_eq!(SERVICE_CATEGORIES.len(), 19, "FOCUS 1.4 lists 19 categories");
    }
}
