//! What the protos state of a field is true at every vendor: a request without a REQUIRED field is rejected, and so is one
//! that has a value in an OUTPUT_ONLY field.

use libtest_mimic::Trial;
use prost::Message as _;
use prost_reflect::{Cardinality, DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};
use smsmux::api::{Method, pb};
use tonic_types::StatusExt;

use super::{METHODS, VENDORS, call, path};
use crate::support::{Rig, failed};

const BEHAVIOR: &str = "google.api.field_behavior";

pub fn tests() -> Vec<Trial> {
    tests![required_and_output_only_are_true_at_every_vendor]
}

async fn required_and_output_only_are_true_at_every_vendor() {
    let pool = DescriptorPool::decode(pb::DESCRIPTORS).unwrap();
    let mut tried = 0;
    for (vendor, cases, _) in VENDORS {
        let rig = Rig::vendor(vendor).await;
        for case in cases() {
            let method = METHODS.iter().find(|method| method.path == path(case.rpc)).unwrap();
            let (service, name) = method.path.split_once('/').unwrap();
            let service = pool.get_service_by_name(service).unwrap();
            let input = service.methods().find(|method| method.name() == name).unwrap().input();
            let mut fields = Vec::new();
            collect(&input, &[], &mut fields);
            for field in fields {
                let Some(request) = faulty(&input, method, vendor, &field) else { continue };
                let shown = shown(&field);
                let status = call(&rig, method, request.encode_to_vec()).await.expect_err(&shown);
                failed(&status, tonic::Code::InvalidArgument, "INVALID_REQUEST");
                let details = status.get_error_details();
                let found: Vec<_> =
                    details.bad_request().unwrap().field_violations.iter().map(|v| v.field.as_str()).collect();
                let concerned = |found: &str| {
                    let below =
                        |of: &str, it: &str| it.strip_prefix(of).is_some_and(|rest| rest.starts_with(['.', '[']));
                    found == shown || below(&shown, found) || below(found, &shown)
                };
                assert!(found.iter().any(|found| concerned(found)), "{vendor} {}: {shown} in {found:?}", method.path);
                tried += 1;
            }
        }
        assert_eq!(rig.sandbox.requests().len(), 0, "{vendor}: nothing was asked");
    }
    assert!(tried > 200, "{tried}");
}

/// Collects the fields of a message and of the messages in it, each as the way to it.
fn collect(message: &MessageDescriptor, way: &[FieldDescriptor], found: &mut Vec<Vec<FieldDescriptor>>) {
    for field in message.fields() {
        let way = [way, std::slice::from_ref(&field)].concat();
        found.push(way.clone());
        if let Kind::Message(inner) = field.kind()
            && inner.package_name() == message.package_name()
            && !field.is_map()
        {
            collect(&inner, &way, found);
        }
    }
}

/// A request that breaks what is stated of the last field of a way, if anything is: without that field where it is
/// required, and with a value where it is output only.
fn faulty(input: &MessageDescriptor, method: &Method, vendor: &str, way: &[FieldDescriptor]) -> Option<DynamicMessage> {
    let (field, parents) = way.split_last()?;
    let options = field.options();
    let behavior = options.get_extension(&input.parent_pool().get_extension_by_name(BEHAVIOR)?);
    let stated: Vec<_> = behavior.as_list()?.iter().filter_map(Value::as_enum_number).collect();
    let (required, output_only) = (stated.contains(&2), stated.contains(&3));
    if !required && !output_only {
        return None;
    }
    let mut request = DynamicMessage::new(input.clone());
    // The first field that is required is the one that names the resource.
    if field.number() != 1 || !parents.is_empty() {
        let mut holder = &mut request;
        let (name, outer) = match method.resource_field.split_once('.') {
            Some((outer, name)) => (name, Some(outer)),
            None => (method.resource_field, None),
        };
        if let Some(outer) = outer {
            holder = holder.get_field_by_name_mut(outer)?.as_message_mut()?;
        }
        holder.set_field_by_name(name, Value::String(format!("accounts/{vendor}")));
    }
    let mut holder = &mut request;
    for parent in parents {
        holder = match holder.get_field_mut(parent) {
            Value::Message(inner) => inner,
            Value::List(inner) => {
                inner.push(Value::default_value(&parent.kind()));
                inner.last_mut()?.as_message_mut()?
            }
            _ => return None,
        };
    }
    if output_only {
        holder.set_field(field, some_value(field));
    }
    Some(request)
}

/// A value that is not the default.
fn some_value(field: &FieldDescriptor) -> Value {
    let one = match field.kind() {
        Kind::String => Value::String("x".to_owned()),
        Kind::Bool => Value::Bool(true),
        Kind::Int32 => Value::I32(1),
        Kind::Int64 => Value::I64(1),
        Kind::Enum(_) => Value::EnumNumber(1),
        other => Value::default_value(&other),
    };
    if field.cardinality() == Cardinality::Repeated { Value::List(vec![one]) } else { one }
}

/// The path of a field as violations name it: `purchases[0].amount`.
fn shown(way: &[FieldDescriptor]) -> String {
    let names = way.iter().enumerate().map(|(i, field)| {
        let repeated = field.is_list() && i + 1 < way.len();
        format!("{}{}", field.name(), if repeated { "[0]" } else { "" })
    });
    names.collect::<Vec<_>>().join(".")
}
