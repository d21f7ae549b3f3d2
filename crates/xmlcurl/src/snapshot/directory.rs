//! The directory: domains by name.

use std::collections::HashMap;
use std::sync::Arc;

use custompbx_model::variables::Variables;

use super::domain::Domain;

/// All domains of an instance.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// The section's start tag.
    pub open: Vec<u8>,
    /// In order.
    pub domains: Vec<Arc<Domain>>,
    /// Domains by name with the known variables replaced, lower case.
    by_name: HashMap<String, usize>,
    /// Domains whose name holds a variable that only the switch knows, such as `$${local_ip_v4}`.
    by_switch: Vec<(String, usize)>,
}

impl Directory {
    pub(crate) fn new(open: Vec<u8>, domains: Vec<Arc<Domain>>, variables: &Variables) -> Self {
        let mut directory = Self { open, domains, ..Self::default() };
        for (index, domain) in directory.domains.iter().enumerate() {
            let (name, unknown) = variables.expand(&domain.name);
            if unknown.is_empty() {
                directory.by_name.entry(name.to_lowercase()).or_insert(index);
            } else {
                directory.by_switch.push((name, index));
            }
        }
        directory
    }

    /// The domain of this name. `switch` gives the variables that the asking switch is known to have.
    pub fn find(&self, name: &str, switch: impl FnOnce() -> Variables) -> Option<&Arc<Domain>> {
        if let Some(index) = self.by_name.get(&name.to_lowercase()) {
            return self.domains.get(*index);
        }
        if self.by_switch.is_empty() {
            return None;
        }
        let known = switch();
        let named =
            |template: &str| known.expand_all(template).is_some_and(|found| found.eq_ignore_ascii_case(name));
        let (_, index) = self.by_switch.iter().find(|(template, _)| named(template))?;
        self.domains.get(*index)
    }

    /// The same with other domains.
    pub(crate) fn with_domains(&self, domains: Vec<Arc<Domain>>, variables: &Variables) -> Self {
        Self::new(self.open.clone(), domains, variables)
    }

    /// The same with one domain exchanged for one of the same name.
    pub(crate) fn with_domain(&self, domain: Domain) -> Option<Self> {
        let at = self.domains.iter().position(|old| old.id == domain.id && old.name == domain.name)?;
        let mut next = self.clone();
        next.domains[at] = Arc::new(domain);
        Some(next)
    }
}
