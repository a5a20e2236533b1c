//! Compiles the protos without protoc, and generates the service traits that vendors implement, the traits that layers
//! are generic over, and the adapter from tonic's services to them.

use std::fmt::Write as _;
use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorSet, MethodDescriptorProto, ServiceDescriptorProto,
    field_descriptor_proto::{Label, Type},
    method_options::IdempotencyLevel,
};
use protox::prost_reflect::{DescriptorPool, Value};

/// The RPCs that smsmux answers itself, as inherent methods of `Gateway`; vendors answer all others.
const SERVED_HERE: &[&str] = &[
    "AccountService/ListAccounts",
    "AccountService/GetAccount",
    "AccountService/SetRouteShare",
    "ConsentService/CheckConsent",
    "ConsentService/SetConsent",
    "ConsentService/ListConsents",
    "ConsentService/ListConsentRecords",
    "ConsentService/ErasePerson",
    "EventService/WatchEvents",
    "EventService/ListEvents",
    "EventService/CreateEventSubscription",
    "EventService/GetEventSubscription",
    "EventService/ListEventSubscriptions",
    "EventService/DeleteEventSubscription",
    "EventService/AckEvents",
    "EventService/SetEventWebhook",
    "EventService/RotateEventWebhookSecret",
    "EventService/RedeliverEvents",
    "EventService/ListEventWebhookAttempts",
    "MessageService/AnalyzeMessage",
    "MessageService/ListMessages",
    "MessageService/ReportConversion",
    "ServerService/GetServerInfo",
];

/// The RPCs that are methods of `Gateway` too, which has the vendor answer where it does not itself.
const HERE_OR_BY_VENDOR: &[&str] =
    &["AccountService/GetAccountStatus", "InboxService/ListReceivedMessages", "InboxService/WatchReceivedMessages"];

/// The option of RPCs that return or replace a credential.
const SECRET: &str = "smsmux.v1.secret";

/// The verbs that mark reads and writes in names (AIP-131 to 135).
const READS: &[&str] = &["Get", "List"];
const WRITES: &[&str] = &["Create", "Update", "Delete", "Send", "Cancel", "Set"];

/// The variable with the commit that is built.
const COMMIT: &str = "SMSMUX_COMMIT";

/// The folder with the proto of gRPC's health protocol.
const HEALTH: &str = "src/server/proto";

fn main() -> Result<(), Box<dyn Error>> {
    // tonic-prost-build stores `emit_rerun_if_changed` and never uses it (still so in 0.14.9).
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed={HEALTH}");
    commit();
    let out = PathBuf::from(env::var("OUT_DIR")?);

    let mut protos: Vec<PathBuf> =
        fs::read_dir("proto/smsmux/v1")?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    protos.sort();
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_imports(true).include_source_info(true).open_files(&protos)?;
    let descriptors = compiler.file_descriptor_set();

    // Reflection serves the whole set, with its comments and options.
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    let (api, door) = api(&descriptors, &compiler.descriptor_pool())?;
    fs::write(out.join("api.rs"), api)?;
    fs::write(out.join("door.rs"), door)?;
    let mut health = protox::Compiler::new([HEALTH])?;
    health.include_source_info(true).open_file("grpc/health/v1/health.proto")?;
    fs::write(out.join("health.bin"), health.encode_file_descriptor_set())?;

    // Servers decode requests with a codec of their own, clients decode responses with tonic's.
    let servers = out.join("servers");
    fs::create_dir_all(&servers)?;
    let servers = tonic_prost_build::configure()
        .build_client(false)
        .codec_path("crate::api::pb::codec::ServerCodec")
        .extern_path(".smsmux.v1", "crate::api::pb")
        .out_dir(servers);
    servers.clone().generate_default_stubs(true).compile_fds(descriptors.clone())?;
    servers.compile_fds(health.file_descriptor_set())?;
    // Equal messages must have equal bytes, so their maps are sorted.
    tonic_prost_build::configure().build_server(false).btree_map(".").compile_fds(descriptors)?;
    Ok(())
}

/// Sets the commit that `smsmux --version` prints: that of the variable, or of the repository. A build for development has none, so that
/// a commit alone does not make everything be built again.
fn commit() {
    println!("cargo:rerun-if-env-changed={COMMIT}");
    let named = env::var(COMMIT).ok().filter(|commit| !commit.is_empty());
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let commit = named.or_else(|| {
        let git = |arguments: &[&str]| {
            let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
            Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
        };
        let head = is_release.then(|| git(&["rev-parse", "--git-path", "logs/HEAD"]))??;
        if Path::new(&head).exists() {
            println!("cargo:rerun-if-changed={head}");
        }
        git(&["rev-parse", "--short=12", "HEAD"])
    });
    if let Some(commit) = commit {
        println!("cargo:rustc-env={COMMIT}={commit}");
    }
}

/// Generates two files: the service traits with the tables of RPCs, and their adapter to tonic.
fn api(descriptors: &FileDescriptorSet, pool: &DescriptorPool) -> Result<(String, String), Box<dyn Error>> {
    let services: Vec<(&str, &ServiceDescriptorProto)> =
        descriptors.file.iter().flat_map(|file| file.service.iter().map(|s| (file.package(), s))).collect();
    let mut index = 0;
    let (mut names, mut methods, mut constants, mut traits, mut accessors, mut arms, mut rpcs) =
        (String::new(), String::new(), String::new(), String::new(), String::new(), String::new(), String::new());
    let (mut routes, mut impls) = (String::new(), String::new());

    for (package, service) in &services {
        let (name, full, accessor) = (service.name(), format!("{package}.{}", service.name()), snake(service.name()));
        let server = format!("crate::api::pb::{accessor}_server");
        writeln!(names, "    \"{full}\",")?;
        writeln!(constants, "    pub mod {name} {{")?;
        writeln!(
            traits,
            "/// The RPCs of `{full}` that vendors answer. Unsupported ones keep the default.\n\
             #[async_trait]\npub trait {name}: Send + Sync {{"
        )?;
        writeln!(
            accessors,
            "    /// Returns the vendor as a `{full}`, if it offers any of its RPCs.\n    \
             fn {accessor}(&self) -> Option<&dyn {name}> {{\n        self.inner()?.{accessor}()\n    }}"
        )?;
        writeln!(
            arms,
            "    ({name}) => {{ fn {accessor}(&self) -> Option<&dyn $crate::api::{name}> {{ Some(self) }} }};"
        )?;
        writeln!(
            routes,
            "        .add_service({server}::{name}Server::from_arc(door.clone()).max_decoding_message_size(limit)\n            \
             .accept_compressed(Gzip).send_compressed(Gzip))"
        )?;
        writeln!(impls, "impl {server}::{name} for Grpc {{")?;
        for method in &service.method {
            let rpc = snake(method.name());
            let input = format!("crate::api::pb::{}", last(method.input_type()));
            let output = format!("crate::api::pb::{}", last(method.output_type()));
            let here = SERVED_HERE.contains(&format!("{name}/{}", method.name()).as_str());
            let (write, secret) = (writes(&full, method)?, is_secret(pool, &full, method.name()));
            let streams = method.server_streaming();
            let (reply, answer) = match streams {
                true => (format!("ResponseStream<{output}>"), format!("tonic::codegen::BoxStream<{output}>")),
                false => (output.clone(), output.clone()),
            };
            let (field, resource) = match here {
                true => (String::new(), String::new()),
                false => resource_field(descriptors, method)?,
            };
            writeln!(
                methods,
                "    Method {{ index: {index}, path: \"{full}/{}\", write: {write}, secret: {secret}, \
                 served_here: {here}, streams: {streams}, resource_field: \"{field}\" }},",
                method.name(),
            )?;
            writeln!(
                constants,
                "        pub const {}: &super::super::Method = &super::super::METHODS[{index}];",
                method.name()
            )?;
            writeln!(
                rpcs,
                "impl Rpc for {input} {{\n    const METHOD: &'static Method = &METHODS[{index}];\n    type Reply = {reply};\n}}"
            )?;
            if here || HERE_OR_BY_VENDOR.contains(&format!("{name}/{}", method.name()).as_str()) {
                let local = if streams { "local_stream" } else { "local" };
                let body = format!(
                    "{local}(self, request, |gateway, call, request| Box::pin(async move {{ gateway.{rpc}(&call, request).await }}))"
                );
                adapter(&mut impls, &rpc, &input, &answer, &body)?;
            } else {
                adapter(&mut impls, &rpc, &input, &answer, "unary(self, request)")?;
            }
            if !here {
                writeln!(
                    traits,
                    "    /// Answers `{full}/{}`.\n    async fn {rpc}(&self, call: &Call, request: {input}) -> Result<{reply}, Error> {{\n        \
                     let _ = (call, request);\n        Err(not_offered())\n    }}",
                    method.name()
                )?;
                let (wrapped, encoded, decoded) = match streams {
                    true => ("wrap.wrap(reply)", "{ let _ = reply; None }", "{ let _ = bytes; None }"),
                    false => (
                        "{ let _ = wrap; reply }",
                        "Some(prost::Message::encode_to_vec(reply))",
                        "prost::Message::decode(bytes).ok()",
                    ),
                };
                writeln!(
                    rpcs,
                    "impl VendorRpc for {input} {{\n    fn resource(&self) -> &str {{\n        {}\n    }}\n    \
                     fn vendor_options(&self) -> Option<VendorOptions> {{\n        {}\n    }}\n    \
                     fn message_id(&mut self) -> Option<&mut String> {{\n        {}\n    }}\n    \
                     fn ask<'a>(self, vendor: &'a dyn Vendor, call: &'a Call) -> BoxFuture<'a, Result<Self::Reply, Error>> {{\n        \
                     match vendor.{accessor}() {{\n            Some(service) => service.{rpc}(call, self),\n            \
                     None => Box::pin(ready(Err(not_offered()))),\n        }}\n    }}\n    \
                     fn wrap_stream(reply: Self::Reply, wrap: impl WrapStream) -> Self::Reply {{\n        {wrapped}\n    }}\n    \
                     fn encode_reply(reply: &Self::Reply) -> Option<Vec<u8>> {{\n        {encoded}\n    }}\n    \
                     fn decode_reply(bytes: &[u8]) -> Option<Self::Reply> {{\n        {decoded}\n    }}\n}}",
                    resource,
                    vendor_options(descriptors, method.input_type()),
                    message_id(descriptors, method.input_type()),
                )?;
            }
            index += 1;
        }
        writeln!(constants, "    }}")?;
        writeln!(traits, "}}\n")?;
        writeln!(impls, "}}\n")?;
    }

    let api = format!(
        "/// Every service, by its full name.\n\
         pub const SERVICES: &[&str] = &[\n{names}];\n\n\
         /// Every RPC of every service.\n\
         pub const METHODS: &[Method] = &[\n{methods}];\n\n\
         /// The RPCs by their names, such as `methods::MessageService::SendMessage`.\n\
         #[allow(missing_docs, non_snake_case, non_upper_case_globals)]\n\
         pub mod methods {{\n{constants}}}\n\n\
         {traits}\
         /// A vendor, with the services of which it offers RPCs. `offers!` generates the implementation.\n\
         pub trait Vendor: Send + Sync {{\n    \
         /// Returns the RPCs that the vendor offers.\n    \
         fn methods(&self) -> &'static [&'static Method];\n    \
         /// Whether the vendor takes the id of a message from the request, and finds the message by it.\n    \
         fn takes_message_ids(&self) -> bool {{\n        false\n    }}\n    \
         /// Whether the vendor holds a message until a time that the request names.\n    \
         fn schedules(&self) -> bool {{\n        false\n    }}\n    \
         /// Returns the part of the vendor that reads its pushes, if it pushes anything.\n    \
         fn webhook(&self) -> Option<&dyn pushed::Webhook> {{\n        self.inner()?.webhook()\n    }}\n    \
         /// Returns what the vendor's calls show about the account, if it makes any.\n    \
         fn conditions(&self) -> Option<&conditions::Conditions> {{\n        self.inner()?.conditions()\n    }}\n    \
         /// Returns what replicas share of the account.\n    \
         fn shared(&self) -> Option<&shared::Shared> {{\n        self.inner()?.shared()\n    }}\n    \
         /// Returns the vendor behind this one, which offers the services that this one does not answer itself.\n    \
         fn inner(&self) -> Option<&dyn Vendor> {{\n        None\n    }}\n{accessors}}}\n\n\
         macro_rules! offered_service {{\n{arms}}}\npub(crate) use offered_service;\n\n\
         {rpcs}"
    );
    let door = format!(
        "/// Returns the routes of all services of `door`, which reject requests of more than `limit` bytes.\n\
         pub(in crate::server) fn routes(door: Arc<Grpc>, limit: usize) -> tonic::service::Routes {{\n    \
         tonic::service::Routes::default()\n{routes}}}\n\n{impls}"
    );
    Ok((api, door))
}

/// Generates one method of a tonic service.
fn adapter(impls: &mut String, rpc: &str, input: &str, answer: &str, body: &str) -> std::fmt::Result {
    writeln!(
        impls,
        "    fn {rpc}<'s, 'f>(&'s self, request: tonic::Request<{input}>) \
         -> BoxFuture<'f, Result<tonic::Response<{answer}>, tonic::Status>> \
         where 's: 'f, Self: 'f {{\n        {body}\n    }}"
    )
}

/// Generates code that finds the field `message_id` of a request `self`, which sends have.
fn message_id(descriptors: &FileDescriptorSet, input: &str) -> &'static str {
    let mut messages = descriptors.file.iter().flat_map(|file| &file.message_type);
    let message = messages.find(|message| message.name() == last(input));
    let sends = message.is_some_and(|message| message.field.iter().any(|field| field.name() == "message_id"));
    if sends { "Some(&mut self.message_id)" } else { "None" }
}

/// Generates code that finds the vendor options in a request `self`: in its oneof `vendor_options`, or in that of a
/// resource in one of its fields.
fn vendor_options(descriptors: &FileDescriptorSet, input: &str) -> String {
    let find = |name: &str| descriptors.file.iter().flat_map(|f| &f.message_type).find(|m| m.name() == last(name));
    let Some(message) = find(input) else { return "None".to_owned() };
    if let Some(arms) = option_arms(message, "") {
        return format!("self.vendor_options.as_ref().map(|options| match options {{ {arms} }})");
    }
    let singular = |field: &&FieldDescriptorProto| field.r#type() == Type::Message && field.label() != Label::Repeated;
    let mut fields = message.field.iter().filter(singular);
    fields
        .find_map(|field| {
            let arms = option_arms(find(field.type_name())?, &format!("{}.", field.name()))?;
            let field = field.name();
            Some(format!(
                "self.{field}.as_ref().and_then(|held| held.vendor_options.as_ref()).map(|options| match options {{ {arms} }})"
            ))
        })
        .unwrap_or_else(|| "None".to_owned())
}

/// Generates the match arms of a message's oneof `vendor_options`, if it has one.
fn option_arms(message: &DescriptorProto, prefix: &str) -> Option<String> {
    let oneof = message.oneof_decl.iter().position(|oneof| oneof.name() == "vendor_options")?;
    let of_it = |field: &&FieldDescriptorProto| field.oneof_index.is_some_and(|index| index as usize == oneof);
    let module = snake(message.name());
    let arms = message.field.iter().filter(of_it).map(|field| {
        let (vendor, mut variant) = (field.name(), field.name().to_owned());
        variant[..1].make_ascii_uppercase();
        format!(
            "crate::api::pb::{module}::VendorOptions::{variant}(_) => \
             VendorOptions {{ vendor: \"{vendor}\", field: \"{prefix}{vendor}\" }},"
        )
    });
    Some(arms.collect())
}

/// Returns the field of the request that names the resource and so the account, as its path and as code that reads it
/// from a request `self`: field 1, `parent` or `name`, or the `name` of the resource in field 1 (AIP-134).
fn resource_field(descriptors: &FileDescriptorSet, method: &MethodDescriptorProto) -> Result<(String, String), String> {
    let input = last(method.input_type());
    let message = descriptors.file.iter().flat_map(|f| &f.message_type).find(|m| m.name() == input);
    let first = message.and_then(|m| m.field.iter().find(|f| f.number() == 1));
    match first.map(|f| (f.name(), f.r#type())) {
        Some((field @ ("parent" | "name"), Type::String)) => Ok((field.to_owned(), format!("&self.{field}"))),
        Some((field, Type::Message)) => Ok((
            format!("{field}.name"),
            format!("self.{field}.as_ref().map_or(\"\", |resource| resource.name.as_str())"),
        )),
        other => Err(format!(
            "{input}: field 1 must be `parent`, `name` or a resource, which names the account; it is {other:?}"
        )),
    }
}

/// Whether an RPC is a write, by its `idempotency_level`, which is required and must not contradict the name.
fn writes(service: &str, method: &MethodDescriptorProto) -> Result<bool, String> {
    let name = method.name();
    let level = method.options.as_ref().and_then(|options| options.idempotency_level);
    let Some(level) = level.map(IdempotencyLevel::try_from).transpose().map_err(|e| e.to_string())? else {
        return Err(format!(
            "{service}/{name} states no idempotency_level: a read has NO_SIDE_EFFECTS, a write IDEMPOTENCY_UNKNOWN"
        ));
    };
    let write = level != IdempotencyLevel::NoSideEffects;
    let contradicting = if write { READS } else { WRITES };
    match contradicting.iter().find(|verb| name.starts_with(**verb)) {
        Some(verb) => Err(format!(
            "{service}/{name} has the idempotency_level {}, which contradicts its name: {verb} is the name of a {}",
            level.as_str_name(),
            if write { "read" } else { "write" }
        )),
        None => Ok(write),
    }
}

/// Whether an RPC returns or replaces a credential, by its option `secret`.
fn is_secret(pool: &DescriptorPool, service: &str, method: &str) -> bool {
    let option = pool.get_extension_by_name(SECRET);
    let service = pool.get_service_by_name(service);
    let method = service.and_then(|service| service.methods().find(|found| found.name() == method));
    let stated = method.zip(option).map(|(method, option)| method.options().get_extension(&option).into_owned());
    stated == Some(Value::Bool(true))
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
