//! A domain without its users as bytes, for [`super::saved`].

use std::sync::Arc;

use custompbx_model::variables::Variables;
use custompbx_model::{Node, NodeId};

use super::bytes::{Reader, put_bytes, put_number, put_signed};
use super::container::{Container, Orders, Pointer};
use super::domain::{Counts, Domain};
use super::secret::Secrets;

impl Domain {
    pub(crate) fn save(&self, out: &mut Vec<u8>) {
        put_number(out, u64::try_from(self.id.0).unwrap_or_default());
        put_bytes(out, self.name.as_bytes());
        put_bytes(out, &self.attributes);
        put_bytes(out, &self.content);
        out.push(self.secrets.to_byte());
        out.push(u8::from(self.depends_on_variables));
        put_number(out, self.containers.len() as u64);
        for container in &self.containers {
            put_number(out, u64::try_from(container.id.0).unwrap_or_default());
            out.push(u8::from(container.group.is_some()));
            put_bytes(out, container.group.as_deref().unwrap_or_default().as_bytes());
            put_bytes(out, &container.open);
            put_bytes(out, &container.close);
            out.push(container.secrets.to_byte());
            put_number(out, container.pointers.len() as u64);
            for pointer in &container.pointers {
                put_signed(out, pointer.order);
                put_bytes(out, pointer.id.as_bytes());
                put_bytes(out, &pointer.xml);
            }
        }
    }

    pub(crate) fn load(reader: &mut Reader<'_>) -> Option<Self> {
        let mut domain = Self::new(
            &Node::new("domain"),
            Orders::Places,
            Arc::default(),
            Arc::new([]),
            Counts::default(),
            &Variables::default(),
        );
        domain.id = NodeId(reader.id()?);
        domain.name = reader.text()?.to_owned();
        domain.attributes = reader.bytes()?.to_vec();
        domain.content = reader.bytes()?.to_vec();
        domain.secrets = Secrets::from_byte(reader.byte()?);
        domain.depends_on_variables = reader.byte()? != 0;
        domain.containers.clear();
        for _ in 0..reader.length()? {
            let id = NodeId(reader.id()?);
            let is_group = reader.byte()? != 0;
            let name = reader.text()?.to_owned();
            let open = reader.bytes()?.to_vec();
            let close = reader.bytes()?.to_vec();
            let secrets = Secrets::from_byte(reader.byte()?);
            let mut pointers = Vec::new();
            for _ in 0..reader.length()? {
                let order = reader.signed()?;
                let id = reader.text()?.to_owned();
                pointers.push(Pointer { order, id, xml: reader.bytes()?.to_vec() });
            }
            let group = is_group.then_some(name);
            domain.containers.push(Container { id, group, open, close, pointers, secrets });
        }
        Some(domain)
    }
}
