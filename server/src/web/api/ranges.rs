//! What the numbers of a request may be, in the description of the interface.

use std::ops::RangeInclusive;

use request::{MAX_SEED, limits};
use utoipa::openapi::schema::{Object, Schema};
use utoipa::openapi::{OpenApi, RefOr};
use utoipa::{Modify, Number};

/// Adds the limits that `request` checks to the schemas that are derived from its types. A server, and a model, may allow
/// less.
pub struct Ranges;

const REQUEST: &str = "GenerationRequest";
const REGION: &str = "RegionRequest";

/// By schema and field.
const WHOLE: [(&str, &str, RangeInclusive<i64>); 5] = [
    (REQUEST, "width", *limits::SIDE.start() as i64..=*limits::SIDE.end() as i64),
    (REQUEST, "height", *limits::SIDE.start() as i64..=*limits::SIDE.end() as i64),
    (REQUEST, "seed", -1..=MAX_SEED as i64),
    (REQUEST, "steps", limits::STEPS),
    (REQUEST, "samples", limits::SAMPLES),
];
const NUMBERS: [(&str, &str, RangeInclusive<f64>); 11] = [
    (REQUEST, "guidance_scale", limits::GUIDANCE_SCALE),
    (REQUEST, "eta", limits::ETA),
    (REQUEST, "w_cross", limits::MODULATION),
    (REQUEST, "w_self", limits::MODULATION),
    (REQUEST, "size_adjust", limits::SHARE),
    (REQUEST, "modulated_fraction", limits::SHARE),
    (REQUEST, "exponent", limits::EXPONENT),
    (REQUEST, "constant", limits::CONSTANT),
    (REGION, "weight", limits::WEIGHT),
    (REGION, "start", limits::SHARE),
    (REGION, "end", limits::SHARE),
];

impl Modify for Ranges {
    fn modify(&self, description: &mut OpenApi) {
        for (schema, field, range) in WHOLE {
            set(description, schema, field, range, |end| Number::Int(end as isize));
        }
        for (schema, field, range) in NUMBERS {
            set(description, schema, field, range, Number::Float);
        }
        for field in ["width", "height"] {
            let side = property(description, REQUEST, field);
            side.into_iter()
                .for_each(|it| it.multiple_of = Some(Number::UInt(limits::SIDE_MULTIPLE as usize)));
        }
    }
}

fn set<T: Copy>(
    description: &mut OpenApi,
    schema: &str,
    field: &str,
    range: RangeInclusive<T>,
    number: fn(T) -> Number,
) {
    if let Some(property) = property(description, schema, field) {
        (property.minimum, property.maximum) = (Some(number(*range.start())), Some(number(*range.end())));
    }
}

fn property<'d>(description: &'d mut OpenApi, schema: &str, field: &str) -> Option<&'d mut Object> {
    let schemas = &mut description.components.as_mut()?.schemas;
    object(object(schemas.get_mut(schema)?)?.properties.get_mut(field)?)
}

fn object(schema: &mut RefOr<Schema>) -> Option<&mut Object> {
    match schema {
        RefOr::T(Schema::Object(object)) => Some(object),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use request::{Defaults, GenerationRequest};
    use serde_json::{Value, json};

    use super::super::openapi::DESCRIPTION;

    /// The fields with which a request is refused in which this one is changed.
    fn refused(schema: &str, field: &str, value: &Value) -> Vec<String> {
        let mut request = json!({
            "layout": { "runs": { "width": 8, "height": 8, "regions": 1, "runs": "64A" } },
            "regions": [{ "text": "a dog" }],
        });
        let place = if schema == "RegionRequest" { &mut request["regions"][0] } else { &mut request };
        place[field] = value.clone();
        let request: GenerationRequest = serde_json::from_value(request).unwrap();
        let problems = request.parse(&Defaults::default()).err().map(|error| error.problems);
        problems.into_iter().flatten().map(|problem| problem.path).collect()
    }

    #[test]
    fn each_number_of_a_request_is_taken_up_to_its_ends_and_refused_beyond() {
        let description = serde_json::to_value(&*DESCRIPTION).unwrap();
        let mut numbers = 0;
        for schema in ["GenerationRequest", "RegionRequest"] {
            let properties = &description["components"]["schemas"][schema]["properties"];
            for (field, property) in properties.as_object().unwrap() {
                let kinds = property["type"].to_string();
                if !kinds.contains("number") && !kinds.contains("integer") {
                    continue;
                }
                numbers += 1;
                let step = property["multipleOf"].as_i64().unwrap_or(1);
                for (end, side) in [("minimum", -step), ("maximum", step)] {
                    let most = &property[end];
                    let name = format!("{schema}.{field}: {most}");
                    let beyond = match (most.as_i64(), most.as_f64()) {
                        (Some(most), _) => json!(most + side),
                        (None, most) => json!(most.expect(&name) + side as f64),
                    };
                    // A region that starts with the end of the steps, or ends with their start, has none of them.
                    let has_none =
                        [("start", "maximum"), ("end", "minimum")].contains(&(field.as_str(), end));
                    if !has_none {
                        assert_eq!(refused(schema, field, most), [""; 0], "{name}");
                    }
                    let found = refused(schema, field, &beyond);
                    assert!(found.len() == 1 && found[0].ends_with(field.as_str()), "{name}: {found:?}");
                }
            }
        }
        assert_eq!(numbers, 16);
    }
}
