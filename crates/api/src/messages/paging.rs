//! `db_request`: which part of a list is wanted, and in which order.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::fields::Fields;

/// Objects of a page where nothing is said, or more than can be had.
const USUAL: usize = 25;
/// Objects of a page, at most.
const MOST: usize = 250;
/// Filters, and names to sort by, that are looked at; so many nobody needs.
const MOST_CONDITIONS: usize = 32;

/// What is wanted of a list.
#[derive(Debug)]
pub(crate) struct Paging<'a> {
    limit: usize,
    /// The number of the page, from 0.
    page: usize,
    filters: Vec<Filter<'a>>,
    order: Vec<&'a str>,
    /// Whether the last of [`Self::order`] goes downwards.
    descends: bool,
}

#[derive(Debug)]
struct Filter<'a> {
    field: &'a str,
    operand: &'a str,
    value: &'a Value,
}

impl<'a> Paging<'a> {
    /// What a message asks for; `None` where the list is wanted as a whole: there is neither a limit nor a filter.
    pub(crate) fn of(data: Fields<'a>) -> Option<Self> {
        let request = data.object("db_request")?;
        let limit = request.number("limit").unwrap_or_default();
        let filters = request.get("filters").and_then(Value::as_array);
        if limit == 0 && filters.is_none() {
            return None;
        }
        let limit = usize::try_from(limit).ok().filter(|limit| (1..=MOST).contains(limit));
        let page = request.number("offset").and_then(|page| usize::try_from(page).ok());
        let order = request.object("order");
        let names = order.and_then(|order| order.get("fields")).and_then(Value::as_array);
        Some(Self {
            limit: limit.unwrap_or(USUAL),
            page: page.unwrap_or_default(),
            filters: filters.into_iter().flatten().take(MOST_CONDITIONS).filter_map(Filter::of).collect(),
            order: names.into_iter().flatten().filter_map(Value::as_str).take(MOST_CONDITIONS).collect(),
            descends: order.and_then(|order| order.get("desc")).and_then(Value::as_bool).unwrap_or_default(),
        })
    }

    /// The page, with how many objects there are on all of them.
    pub(crate) fn page(&self, mut objects: Vec<Value>) -> Value {
        objects.retain(|object| self.filters.iter().all(|filter| filter.lets_through(object)));
        objects.sort_by(|one, other| self.compare(one, other));
        let total = objects.len();
        let before = self.page.saturating_mul(self.limit);
        let items: Vec<Value> = objects.into_iter().skip(before).take(self.limit).collect();
        json!({ "items": items, "total": total })
    }

    fn compare(&self, one: &Value, other: &Value) -> Ordering {
        let mut names = self.order.iter().enumerate().map(|(number, name)| {
            let order = order(&one[*name], &other[*name]);
            let is_last = number + 1 == self.order.len();
            if is_last && self.descends { order.reverse() } else { order }
        });
        names.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl<'a> Filter<'a> {
    fn of(value: &'a Value) -> Option<Self> {
        let fields = Fields::of(value.as_object()?);
        let (field, value) = (fields.raw("field")?, fields.get("field_value")?);
        Some(Self { field, operand: fields.text("operand").unwrap_or_default(), value })
    }

    /// A member that the object does not have decides nothing.
    fn lets_through(&self, object: &Value) -> bool {
        let Some(member) = object.get(self.field) else { return true };
        let is = |wanted: &str| compared(member, wanted) == Some(Ordering::Equal);
        let wanted = text(self.value);
        match self.operand {
            ">" => compared(member, &wanted) == Some(Ordering::Greater),
            "<" => compared(member, &wanted) == Some(Ordering::Less),
            "<>" => !is(&wanted),
            "CONTAINS" => text(member).to_lowercase().contains(&wanted.to_lowercase()),
            "IN" => match self.value {
                Value::Array(values) => values.iter().any(|value| is(&text(value))),
                _ => wanted.split(',').any(|value| is(value.trim())),
            },
            _ => is(&wanted),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A number is compared with what is one; `None` for anything else.
fn compared(member: &Value, wanted: &str) -> Option<Ordering> {
    match member.as_f64() {
        Some(number) => number.partial_cmp(&wanted.trim().parse().ok()?),
        None => Some((*text(member)).cmp(wanted)),
    }
}

fn order(one: &Value, other: &Value) -> Ordering {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one.total_cmp(&other),
        _ => text(one).cmp(&text(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of the objects on the page, and how many there are.
    fn page(request: &Value) -> Option<(Vec<i64>, i64)> {
        let data = json!({ "db_request": request });
        let paging = Paging::of(Fields::of(data.as_object().unwrap()))?;
        let object = |(n, name): (usize, &str)| json!({"n": n, "name": name, "half": n % 2});
        let objects = ["Alice", "bob", "carol", "Dave", "al"].into_iter().enumerate().map(object).collect();
        let page = paging.page(objects);
        let numbers = page["items"].as_array().unwrap().iter().map(|item| item["n"].as_i64().unwrap());
        Some((numbers.collect(), page["total"].as_i64().unwrap()))
    }

    #[test]
    fn a_list_without_limit_and_filters_is_no_page() {
        for request in
            [json!(null), json!({}), json!({"limit": 0}), json!({"limit": "2"}), json!({"offset": 1})]
        {
            assert_eq!(page(&request), None, "{request}");
        }
        assert_eq!(page(&json!({"filters": []})), Some((vec![0, 1, 2, 3, 4], 5)));
    }

    #[test]
    fn pages_are_counted_from_0() {
        for (limit, offset, expected) in [
            (2, 0, vec![0, 1]),
            (2, 2, vec![4]),
            (2, 3, vec![]),
            (2, i64::MAX, vec![]),
            (2, -1, vec![0, 1]),
            (251, 0, vec![0, 1, 2, 3, 4]),
            (251, 1, vec![]),
            (-1, 0, vec![0, 1, 2, 3, 4]),
        ] {
            let request = json!({"limit": limit, "offset": offset});
            assert_eq!(page(&request), Some((expected, 5)), "{request}");
        }
    }

    #[test]
    fn filters_must_all_be_so() {
        for (field, operand, value, expected) in [
            ("name", "=", json!("bob"), vec![1]),
            ("name", "<>", json!("bob"), vec![0, 2, 3, 4]),
            ("name", "CONTAINS", json!("AL"), vec![0, 4]),
            ("name", "IN", json!(["bob", "al", 7]), vec![1, 4]),
            ("name", "IN", json!("bob, al"), vec![1, 4]),
            ("name", "nonsense", json!("bob"), vec![1]),
            ("n", ">", json!("2"), vec![3, 4]),
            ("n", "<", json!(2), vec![0, 1]),
            ("n", "=", json!("2.0"), vec![2]),
            ("n", "=", json!("two"), vec![]),
            ("nothing", "=", json!("x"), vec![0, 1, 2, 3, 4]),
        ] {
            let request = json!({"filters": [{"field": field, "operand": operand, "field_value": value}]});
            let total = i64::try_from(expected.len()).unwrap();
            assert_eq!(page(&request), Some((expected, total)), "{request}");
        }
        let both = json!({"filters": [
            {"field": "n", "operand": ">", "field_value": 0}, {"field": "half", "field_value": 1}, {"field": 1}, 7,
        ]});
        assert_eq!(page(&both), Some((vec![1, 3], 2)));
    }

    #[test]
    fn the_last_name_of_the_order_may_go_downwards() {
        let order =
            |fields: Value, desc: bool| page(&json!({"limit": 9, "order": {"fields": fields, "desc": desc}}));
        assert_eq!(order(json!(["n"]), true), Some((vec![4, 3, 2, 1, 0], 5)));
        assert_eq!(order(json!(["half", "n"]), true), Some((vec![4, 2, 0, 3, 1], 5)));
        assert_eq!(order(json!(["name"]), false), Some((vec![0, 3, 4, 1, 2], 5)));
        assert_eq!(order(json!(["nothing"]), true), Some((vec![0, 1, 2, 3, 4], 5)));
    }
}
