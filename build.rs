//! Compiles the protos without protoc, and writes the dispatch: for every RPC of every service, the few lines that hand a
//! request to the vendor whose account its resource name begins with.

use std::fmt::Write as _;
use std::{env, error::Error, fs, path::PathBuf};

use prost_types::{FileDescriptorSet, MethodDescriptorProto, ServiceDescriptorProto, field_descriptor_proto::Type};
use protox::prost_reflect::{DescriptorPool, Value};

/// The RPCs that smsmux answers itself, as inherent methods of `Gateway`; every other one belongs to a vendor.
const SERVED_HERE: &[&str] =
    &["AccountService/ListAccounts", "AccountService/GetAccount", "MessageService/AnalyzeMessage"];

/// The option by which every RPC states what it lets its caller do.
const ACCESS: &str = "smsmux.v1.access";

/// Where the proto of gRPC's health protocol is.
const HEALTH: &str = "src/server/proto";

fn main() -> Result<(), Box<dyn Error>> {
    // tonic-prost-build stores `emit_rerun_if_changed` and never uses it (still so in 0.14.9).
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed={HEALTH}");
    let out = PathBuf::from(env::var("OUT_DIR")?);

    let mut protos: Vec<PathBuf> =
        fs::read_dir("proto/smsmux/v1")?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    protos.sort();
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_imports(true).include_source_info(true).open_files(&protos)?;
    let descriptors = compiler.file_descriptor_set();

    // Reflection serves the whole set, with its comments and options.
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    let (vendor, dispatch) = dispatch(&descriptors, &compiler.descriptor_pool())?;
    fs::write(out.join("vendor.rs"), vendor)?;
    fs::write(out.join("dispatch.rs"), dispatch)?;
    let mut health = protox::Compiler::new([HEALTH])?;
    health.include_source_info(true).open_file("grpc/health/v1/health.proto")?;
    fs::write(out.join("health.bin"), health.encode_file_descriptor_set())?;

    // Servers read requests by a codec of their own, clients read answers by tonic's.
    let servers = out.join("servers");
    fs::create_dir_all(&servers)?;
    let servers = tonic_prost_build::configure()
        .build_client(false)
        .codec_path("crate::pb::codec::ServerCodec")
        .extern_path(".smsmux.v1", "crate::pb")
        .out_dir(servers);
    servers.clone().generate_default_stubs(true).compile_fds(descriptors.clone())?;
    servers.compile_fds(health.file_descriptor_set())?;
    tonic_prost_build::configure().build_server(false).compile_fds(descriptors)?;
    Ok(())
}

/// Writes two files: the trait `Vendor` with the tables `SERVICES` and `METHODS`, and the `impl` of every service for
/// `Gateway`.
fn dispatch(descriptors: &FileDescriptorSet, pool: &DescriptorPool) -> Result<(String, String), Box<dyn Error>> {
    let services: Vec<(&str, &ServiceDescriptorProto)> =
        descriptors.file.iter().flat_map(|file| file.service.iter().map(|s| (file.package(), s))).collect();
    let mut index = 0;
    let (mut methods, mut probes, mut impls, mut names, mut traits, mut routes) =
        (String::new(), String::new(), String::new(), String::new(), Vec::new(), String::new());

    for (package, service) in &services {
        let module = format!("crate::pb::{}_server", snake(service.name()));
        let (name, full) = (service.name(), format!("{package}.{}", service.name()));
        traits.push(format!("{module}::{name}"));
        writeln!(names, "    \"{full}\",")?;
        writeln!(
            routes,
            "        .add_service({module}::{name}Server::from_arc(gateway.clone()).max_decoding_message_size(limit)\n            \
             .accept_compressed(Gzip).send_compressed(Gzip))"
        )?;
        writeln!(impls, "impl {module}::{name} for Gateway {{")?;
        for method in &service.method {
            let rpc = snake(method.name());
            let input = format!("crate::pb::{}", last(method.input_type()));
            let output = format!("crate::pb::{}", last(method.output_type()));
            let output = match method.server_streaming() {
                true => format!("tonic::codegen::BoxStream<{output}>"),
                false => output,
            };
            let here = SERVED_HERE.contains(&format!("{name}/{}", method.name()).as_str());
            let (write, secret) = access(pool, &full, method.name())?;
            writeln!(
                methods,
                "    Method {{ index: {index}, path: \"{full}/{}\", write: {write}, secret: {secret}, \
                 served_here: {here}, streams: {} }},",
                method.name(),
                method.server_streaming()
            )?;
            let body = if here {
                format!("answer_here(request, |request| Gateway::{rpc}(self, request))")
            } else {
                let (field, resource) = resource_field(descriptors, method)?;
                writeln!(
                    probes,
                    "    probe(&mut found, &METHODS[{index}], vendor.{rpc}(tonic::Request::new(Default::default()))).await;"
                )?;
                let arguments = format!(
                    "&METHODS[{index}], \"{field}\", |r: &{input}| {resource}, request, \
                     |vendor, request| async move {{ vendor.{rpc}(request).await }}"
                );
                match method.server_streaming() {
                    true => format!("Box::pin(self.forward_stream({arguments}))"),
                    false => format!("self.forward({arguments})"),
                }
            };
            writeln!(
                impls,
                "    fn {rpc}<'s, 'f>(&'s self, request: tonic::Request<{input}>) \
                 -> futures::future::BoxFuture<'f, Result<tonic::Response<{output}>, tonic::Status>> \
                 where 's: 'f, Self: 'f {{\n        \
                 if let Err(refused) = self.authorize(&METHODS[{index}], request.extensions()) {{\n            \
                 return Box::pin(std::future::ready(Err(refused)));\n        }}\n        {body}\n    }}"
            )?;
            index += 1;
        }
        writeln!(impls, "}}\n")?;
    }

    let traits = traits.join(" + ");
    let vendor = format!(
        "/// Everything a vendor can be asked. What it lacks keeps the generated stub.\n\
         pub trait Vendor: {traits} {{}}\n\
         impl<T: {traits}> Vendor for T {{}}\n\n\
         /// Every service, by its full name.\n\
         pub const SERVICES: &[&str] = &[\n{names}];\n\n\
         /// Every RPC of every service.\n\
         pub const METHODS: &[Method] = &[\n{methods}];\n\n\
         async fn probe_all(vendor: &dyn Vendor) -> Vec<&'static Method> {{\n    \
         let mut found = Vec::new();\n{probes}    found\n}}\n"
    );
    let dispatch = format!(
        "/// All services of `gateway`, each refusing requests of more than `limit` bytes.\n\
         pub(crate) fn routes(gateway: std::sync::Arc<Gateway>, limit: usize) -> tonic::service::Routes {{\n    \
         tonic::service::Routes::default()\n{routes}}}\n\n{impls}"
    );
    Ok((vendor, dispatch))
}

/// The field of the request that names the resource and so the account, as its path for people and as Rust code that gets
/// it from a request `r`: field 1, `parent` or `name`, or the `name` of the resource that field 1 holds (AIP-134).
fn resource_field(descriptors: &FileDescriptorSet, method: &MethodDescriptorProto) -> Result<(String, String), String> {
    let input = last(method.input_type());
    let message = descriptors.file.iter().flat_map(|f| &f.message_type).find(|m| m.name() == input);
    let first = message.and_then(|m| m.field.iter().find(|f| f.number() == 1));
    match first.map(|f| (f.name(), f.r#type())) {
        Some((field @ ("parent" | "name"), Type::String)) => Ok((field.to_owned(), format!("&r.{field}"))),
        Some((field, Type::Message)) => {
            Ok((format!("{field}.name"), format!("r.{field}.as_ref().map_or(\"\", |resource| resource.name.as_str())")))
        }
        other => Err(format!(
            "{input}: field 1 must be `parent`, `name` or a resource, to find the account by; it is {other:?}"
        )),
    }
}

/// Whether an RPC may change something, and whether it hands out or replaces a credential, by its option `access`.
fn access(pool: &DescriptorPool, service: &str, method: &str) -> Result<(bool, bool), String> {
    let option = pool.get_extension_by_name(ACCESS);
    let described = pool.get_service_by_name(service);
    let described = described.and_then(|service| service.methods().find(|found| found.name() == method));
    let stated = described.zip(option).and_then(|(method, option)| {
        let kind = option.kind();
        match method.options().get_extension(&option).into_owned() {
            Value::EnumNumber(number) => kind.as_enum()?.get_value(number).map(|value| value.name().to_owned()),
            _ => None,
        }
    });
    match stated.as_deref() {
        Some("ACCESS_READ") => Ok((false, false)),
        Some("ACCESS_WRITE") => Ok((true, false)),
        Some("ACCESS_READ_SECRET") => Ok((false, true)),
        Some("ACCESS_WRITE_SECRET") => Ok((true, true)),
        _ => Err(format!("{service}/{method} does not state what it lets its caller do: option (access) = ACCESS_...")),
    }
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}
