//! Compiles the protos without protoc, and says of which requests there are pages and streams.

use std::{env, error::Error, fmt::Write as _, fs, path::PathBuf};

use prost_types::{FileDescriptorSet, MethodDescriptorProto, ServiceDescriptorProto};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let mut protos =
        fs::read_dir("proto/smsmux/v1")?.map(|entry| entry.map(|e| e.path())).collect::<Result<Vec<PathBuf>, _>>()?;
    protos.sort();
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_imports(true).include_source_info(true).open_files(&protos)?;
    let descriptors = compiler.file_descriptor_set();
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("methods.rs"), methods(&descriptors))?;
    // The protos' comments have words in brackets and no code.
    tonic_prost_build::configure().build_server(false).compile_fds(descriptors)?;
    Ok(())
}

/// The implementations of `List` and `Watch`.
fn methods(descriptors: &FileDescriptorSet) -> String {
    let mut out = String::new();
    for service in descriptors.file.iter().filter(|file| file.package() == "smsmux.v1").flat_map(|file| &file.service) {
        for method in &service.method {
            if method.server_streaming() {
                implement(&mut out, service, method, "Watch", "resume_token");
            } else if descriptors.file.iter().flat_map(|file| &file.message_type).any(|message| {
                method.output_type().ends_with(&format!(".{}", message.name()))
                    && message.field.iter().any(|field| field.name() == "next_page_token")
            }) {
                implement(&mut out, service, method, "List", "page_token");
            }
        }
    }
    out
}

fn implement(
    out: &mut String,
    service: &ServiceDescriptorProto,
    method: &MethodDescriptorProto,
    kind: &str,
    token: &str,
) {
    let snake = |name: &str| {
        name.chars().fold(String::new(), |mut snake, c| {
            if c.is_uppercase() && !snake.is_empty() {
                snake.push('_');
            }
            snake.extend(c.to_lowercase());
            snake
        })
    };
    let (service, name) = (service.name(), method.name());
    let path = format!("v1::{}_client::{service}Client", snake(service));
    let function = snake(name);
    let next = if kind == "List" { "next_page_token" } else { "resume_token" };
    let answer = if kind == "List" { "Self::Answer" } else { "tonic::Streaming<Self::Answer>" };
    write!(
        out,
        "impl {kind} for v1::{name}Request {{
            type Answer = v1::{name}Response;
            fn call(self, client: &Client) -> impl Future<Output = Result<tonic::Response<{answer}>, tonic::Status>> + Send + 'static {{
                let mut service = {path}::new(client.calls.clone());
                async move {{ service.{function}(self).await }}
            }}
            fn set_token(&mut self, token: String) {{ self.{token} = token; }}
            fn next_token(answer: &Self::Answer) -> String {{ answer.{next}.clone() }}
        }}\n"
    )
    .expect("a string takes all");
}
