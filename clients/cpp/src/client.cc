#include <smsmux/client.h>

#include <google/protobuf/util/time_util.h>
#include <google/rpc/status.pb.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <regex>
#include <thread>

namespace smsmux {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

// How often a call is made at most.
constexpr int kAttempts = 5;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::invalid_argument("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string RandomKey() {
  std::random_device random;
  std::string key = "smsmux";
  for (int i = 0; i < 4; i++) key += '-' + std::to_string(random());
  return key;
}

// The detail of a type, empty if there is none.
template <class Detail>
Detail DetailOf(const grpc::Status& status) {
  google::rpc::Status rich;
  rich.ParseFromString(status.error_details());
  Detail detail;
  for (const auto& any : rich.details()) any.UnpackTo(&detail);
  return detail;
}

std::string Text(const grpc::Status& status) {
  const std::string reason = DetailOf<google::rpc::ErrorInfo>(status).reason();
  return (reason.empty() ? "code " + std::to_string(status.error_code()) : reason) + ": " + status.error_message();
}

std::shared_ptr<grpc::Channel> Connect(const Config& config) {
  static const std::regex form(R"((?:(https?)://)?((\[[^\]]*\]|[^:/]*)(?::\d+)?))");
  static const std::regex loopback(R"(localhost|\[::1\]|127(?:\.\d+){3})");
  std::smatch parts;
  if (!std::regex_match(config.address, parts, form)) {
    throw std::invalid_argument("invalid address " + config.address + ": expected [http[s]://]HOST:PORT");
  }
  const std::string target = parts[2];
  const bool local = std::regex_match(parts[3].str(), loopback);
  const bool plain = parts[1] == "http" || (!parts[1].matched && local && config.ca.empty());
  if (plain && !config.key.empty() && !local) {
    throw std::invalid_argument("the key is not sent to " + target + " in plain text: use TLS");
  }
  grpc::SslCredentialsOptions tls;
  if (!config.ca.empty()) tls.pem_root_certs = ReadFile(config.ca);
  grpc::ChannelArguments arguments;
  // So that a watch notices a connection that died without a word.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  return grpc::CreateCustomChannel(target, plain ? grpc::InsecureChannelCredentials() : grpc::SslCredentials(tls), arguments);
}

}  // namespace

std::string FromEnvironment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

Error::Error(const grpc::Status& status, const grpc::ClientContext& context)
    : std::runtime_error(Text(status)), status(status) {
  auto info = DetailOf<google::rpc::ErrorInfo>(status);
  if (info.domain() == "smsmux") {
    reason = info.reason();
    auto& metadata = *info.mutable_metadata();
    if (metadata.contains("outcome")) outcome = metadata["outcome"];
    resource = metadata["resource"];
  }
  const auto retry = DetailOf<google::rpc::RetryInfo>(status);
  if (retry.has_retry_delay()) {
    retry_after = milliseconds(google::protobuf::util::TimeUtil::DurationToMilliseconds(retry.retry_delay()));
  }
  const auto request = DetailOf<google::rpc::BadRequest>(status);
  violations.assign(request.field_violations().begin(), request.field_violations().end());
  const auto& trailers = context.GetServerTrailingMetadata();
  if (const auto id = trailers.find("x-request-id"); id != trailers.end()) {
    request_id.assign(id->second.data(), id->second.size());
  }
}

Client::Client(const Config& config) : key_(config.key), timeout_(config.timeout), stubs_(NewStubs(Connect(config))) {}

void Client::Authorize(grpc::ClientContext* context) const {
  if (!key_.empty()) context->AddMetadata("authorization", "Bearer " + key_);
}

void Client::Repeat(const CallOptions& options, const std::function<grpc::Status(grpc::ClientContext*)>& attempt) const {
  const std::string key = options.idempotency_key.empty() ? RandomKey() : options.idempotency_key;
  const auto end = system_clock::now() + options.timeout.value_or(timeout_);
  for (int number = 1;; number++) {
    // A context is for one attempt.
    grpc::ClientContext context;
    Authorize(&context);
    context.AddMetadata("idempotency-key", key);
    context.set_deadline(end);
    const grpc::Status status = attempt(&context);
    if (status.ok()) return;
    // Nothing comes after the last attempt.
    WaitOrThrow(Error(status, context), number, number < kAttempts ? end : system_clock::time_point::min());
  }
}

void Client::WaitOrThrow(const Error& error, int attempt, system_clock::time_point end) {
  // smsmux says by UNAVAILABLE that nothing was accepted; of a lost connection, the idempotency key makes it safe.
  const bool may_repeat = error.status.error_code() == grpc::StatusCode::UNAVAILABLE || error.reason == "RATE_LIMITED" ||
                          error.reason == "REQUEST_IN_PROGRESS";
  const int percent = 80 + static_cast<int>(std::random_device()() % 40);
  const auto pause = error.retry_after.value_or(milliseconds(500 << std::min(attempt - 1, 3)) * percent / 100);
  if (!may_repeat || system_clock::now() + pause >= end) throw error;
  std::this_thread::sleep_for(pause);
}

}  // namespace smsmux
