//! Server reflection, under both of its names. "Not found" is a response, and the stream goes on.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::LazyLock,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::{StreamExt, future::ready, stream::BoxStream};
use http::{Request, Response, Uri};
use prost::{DecodeError, Message};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto};
use tonic::{Code, Status, Streaming, body::Body, codec::CompressionEncoding::Gzip, server::NamedService};
use tonic_reflection::pb::v1::{
    self, ErrorResponse, ExtensionNumberResponse, FileDescriptorResponse, ListServiceResponse, ServerReflectionRequest,
    ServerReflectionResponse, ServiceResponse,
    server_reflection_request::MessageRequest,
    server_reflection_response::MessageResponse,
    server_reflection_server::{ServerReflection, ServerReflectionServer},
};
use tower::Service;

use super::{
    auth::{PUBLIC, Unauthenticated},
    unauthenticated,
};
use crate::api::pb;

/// The most bytes of a reflection request, which is the name of a symbol or a file.
const LONGEST_QUESTION: usize = 16 << 10;

/// The descriptors served: smsmux, the health protocol, reflection itself, and the error details of `google.rpc`, which
/// clients need to print errors.
const DESCRIPTORS: [&[u8]; 5] = [
    pb::DESCRIPTORS,
    pb::HEALTH_DESCRIPTORS,
    v1::FILE_DESCRIPTOR_SET,
    tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
    tonic_types::pb::FILE_DESCRIPTOR_SET,
];

/// An encoded `FileDescriptorSet` whose files stay encoded, as prost would drop our custom options.
#[derive(Clone, PartialEq, Message)]
struct Files {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    file: Vec<Bytes>,
}

/// The files, indexed for reflection requests.
#[derive(Debug, Default)]
struct Index {
    services: BTreeSet<String>,
    by_name: HashMap<String, Bytes>,
    /// By the full names of the symbols in the files.
    by_symbol: HashMap<String, Bytes>,
    /// By the extended type and the number.
    by_extension: HashMap<String, BTreeMap<i32, Bytes>>,
}

impl Index {
    /// Indexes the files that define no other service than the `public` ones, or all files if that is `None`.
    fn new(public: Option<&[&str]>) -> Result<Self, DecodeError> {
        let mut index = Self::default();
        for set in DESCRIPTORS {
            for bytes in Files::decode(set)?.file {
                let file = FileDescriptorProto::decode(bytes.clone())?;
                let services: Vec<_> =
                    file.service.iter().map(|service| full(file.package(), service.name())).collect();
                let is_public = |public: &[&str]| {
                    !services.is_empty() && services.iter().all(|name| public.contains(&name.as_str()))
                };
                if public.is_none_or(is_public) {
                    index.services.extend(services);
                    index.add(&file, &bytes);
                }
            }
        }
        Ok(index)
    }

    fn add(&mut self, file: &FileDescriptorProto, bytes: &Bytes) {
        if self.by_name.insert(file.name().to_owned(), bytes.clone()).is_some() {
            return;
        }
        let package = file.package();
        for service in &file.service {
            let name = full(package, service.name());
            service.method.iter().for_each(|method| self.define(full(&name, method.name()), bytes));
            self.define(name, bytes);
        }
        file.message_type.iter().for_each(|message| self.add_message(package, message, bytes));
        file.enum_type.iter().for_each(|one| self.add_enum(package, one, bytes));
        file.extension.iter().for_each(|extension| self.add_extension(package, extension, bytes));
    }

    fn add_message(&mut self, scope: &str, message: &DescriptorProto, bytes: &Bytes) {
        let name = full(scope, message.name());
        message.field.iter().for_each(|field| self.define(full(&name, field.name()), bytes));
        message.oneof_decl.iter().for_each(|oneof| self.define(full(&name, oneof.name()), bytes));
        message.nested_type.iter().for_each(|nested| self.add_message(&name, nested, bytes));
        message.enum_type.iter().for_each(|nested| self.add_enum(&name, nested, bytes));
        message.extension.iter().for_each(|extension| self.add_extension(&name, extension, bytes));
        self.define(name, bytes);
    }

    /// Adds an enum; its values belong to the scope that encloses the enum.
    fn add_enum(&mut self, scope: &str, one: &EnumDescriptorProto, bytes: &Bytes) {
        one.value.iter().for_each(|value| self.define(full(scope, value.name()), bytes));
        self.define(full(scope, one.name()), bytes);
    }

    fn add_extension(&mut self, scope: &str, extension: &FieldDescriptorProto, bytes: &Bytes) {
        let extended = extension.extendee().trim_start_matches('.').to_owned();
        self.by_extension.entry(extended).or_default().insert(extension.number(), bytes.clone());
        self.define(full(scope, extension.name()), bytes);
    }

    fn define(&mut self, symbol: String, bytes: &Bytes) {
        self.by_symbol.insert(symbol, bytes.clone());
    }

    /// Answers one request.
    fn answer(&self, question: Option<&MessageRequest>) -> Result<MessageResponse, ErrorResponse> {
        let missing = |what: &str| error(Code::NotFound, format!("unknown {what}"));
        let file = |file: Option<&Bytes>, what: &str| {
            let file_descriptor_proto = vec![file.ok_or_else(|| missing(what))?.to_vec()];
            Ok(MessageResponse::FileDescriptorResponse(FileDescriptorResponse { file_descriptor_proto }))
        };
        match question {
            Some(MessageRequest::FileByFilename(name)) => file(self.by_name.get(name), "file"),
            Some(MessageRequest::FileContainingSymbol(symbol)) => file(self.by_symbol.get(symbol), "symbol"),
            Some(MessageRequest::FileContainingExtension(extension)) => {
                let numbers = self.by_extension.get(&extension.containing_type);
                file(numbers.and_then(|numbers| numbers.get(&extension.extension_number)), "extension")
            }
            Some(MessageRequest::AllExtensionNumbersOfType(name)) => {
                let numbers = self.by_extension.get(name);
                if numbers.is_none() && !self.by_symbol.contains_key(name) {
                    return Err(missing("type"));
                }
                let extension_number = numbers.into_iter().flat_map(BTreeMap::keys).copied().collect();
                let base_type_name = name.clone();
                let answer = ExtensionNumberResponse { base_type_name, extension_number };
                Ok(MessageResponse::AllExtensionNumbersResponse(answer))
            }
            Some(MessageRequest::ListServices(_)) => {
                let service = self.services.iter().map(|name| ServiceResponse { name: name.clone() }).collect();
                Ok(MessageResponse::ListServicesResponse(ListServiceResponse { service }))
            }
            None => Err(error(Code::InvalidArgument, "empty or unknown reflection request".to_owned())),
        }
    }
}

fn full(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

fn error(code: Code, error_message: String) -> ErrorResponse {
    ErrorResponse { error_code: code.into(), error_message }
}

/// All files, and those for unauthenticated callers. They are read at the first question: most servers get none, and the
/// index takes some hundred kilobytes.
static ALL: LazyLock<Index> = LazyLock::new(|| Index::new(None).unwrap_or_default());
static UNAUTHENTICATED: LazyLock<Index> = LazyLock::new(|| Index::new(Some(PUBLIC)).unwrap_or_default());

/// The reflection service.
#[derive(Debug, Clone)]
pub(super) struct Reflection;

impl Reflection {
    /// Returns the service under its current and its older name.
    pub(super) fn servers(self) -> (ServerReflectionServer<Self>, Alpha) {
        let server = ServerReflectionServer::new(self).max_decoding_message_size(LONGEST_QUESTION);
        let server = server.accept_compressed(Gzip).send_compressed(Gzip);
        (server.clone(), Alpha(server))
    }
}

#[tonic::async_trait]
impl ServerReflection for Reflection {
    type ServerReflectionInfoStream = BoxStream<'static, Result<ServerReflectionResponse, Status>>;

    async fn server_reflection_info(
        &self,
        request: tonic::Request<Streaming<ServerReflectionRequest>>,
    ) -> Result<tonic::Response<Self::ServerReflectionInfoStream>, Status> {
        let permit =
            unauthenticated::stream(request.extensions(), "grpc.reflection.v1.ServerReflection/ServerReflectionInfo")?;
        let unauthenticated = request.extensions().get::<Unauthenticated>().is_some();
        let index = if unauthenticated { &*UNAUTHENTICATED } else { &*ALL };
        let answers = request.into_inner().map(move |question| {
            // Held as long as the stream.
            let _ = &permit;
            let question = question?;
            let answer = index.answer(question.message_request.as_ref()).map_err(|error| match unauthenticated {
                true if error.error_code == i32::from(Code::NotFound) => self::error(
                    Code::Unauthenticated,
                    "only health and reflection are described without a key: send `authorization: Bearer KEY`"
                        .to_owned(),
                ),
                _ => error,
            });
            Ok(ServerReflectionResponse {
                valid_host: question.host.clone(),
                original_request: Some(question),
                message_response: Some(answer.unwrap_or_else(MessageResponse::ErrorResponse)),
            })
        });
        // The first request that cannot be decoded ends the stream.
        let answers = answers.scan(false, |ended, answer| {
            let before = std::mem::replace(ended, answer.is_err());
            ready((!before).then_some(answer))
        });
        Ok(tonic::Response::new(answers.boxed()))
    }
}

/// The same service under its alpha name. The messages are the same.
#[derive(Debug, Clone)]
pub(super) struct Alpha(ServerReflectionServer<Reflection>);

impl NamedService for Alpha {
    const NAME: &'static str = "grpc.reflection.v1alpha.ServerReflection";
}

impl Service<Request<Body>> for Alpha {
    type Response = Response<Body>;
    type Error = <ServerReflectionServer<Reflection> as Service<Request<Body>>>::Error;
    type Future = <ServerReflectionServer<Reflection> as Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Service::<Request<Body>>::poll_ready(&mut self.0, context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if request.uri().path() == "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo" {
            *request.uri_mut() = Uri::from_static("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo");
        }
        self.0.call(request)
    }
}
