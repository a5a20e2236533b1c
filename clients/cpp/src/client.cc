#include <smsmux/client.h>

#include <google/rpc/status.pb.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <regex>
#include <sstream>
#include <thread>

namespace smsmux {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

// How often a call is made at most.
constexpr int kAttempts = 5;

// The reasons that say that this call changed nothing: it may be repeated.
constexpr std::array kNothingAccepted = {"VENDOR_UNAVAILABLE", "OVERLOADED",      "RATE_LIMITED",
                                         "STORE_UNAVAILABLE",  "SERVER_DRAINING", "REQUEST_IN_PROGRESS"};

std::string FirstOf(const std::string& given, const char* variable, const std::string& otherwise) {
  if (!given.empty()) return given;
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::invalid_argument("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string RandomKey() {
  std::random_device random;
  std::ostringstream key;
  for (int i = 0; i < 4; i++) key << std::hex << random() << '-';
  return key.str() + "smsmux";
}

std::string Text(const grpc::Status& status, const google::rpc::ErrorInfo& info) {
  const std::string reason = info.reason().empty() ? "code " + std::to_string(status.error_code()) : info.reason();
  return reason + ": " + status.error_message();
}

// The detail of a type, empty if there is none.
template <class Detail>
Detail DetailOf(const grpc::Status& status) {
  google::rpc::Status rich;
  Detail detail;
  if (rich.ParseFromString(status.error_details())) {
    for (const auto& any : rich.details()) {
      if (any.UnpackTo(&detail)) break;
    }
  }
  return detail;
}

// Where to connect to.
std::shared_ptr<grpc::Channel> Connect(const std::string& address, bool has_key, const std::string& ca) {
  static const std::regex form(R"((?:(https?)://)?((\[[^\]]*\]|[^:/]*)(?::\d+)?))");
  static const std::regex loopback(R"(localhost|\[::1\]|127(?:\.\d+){3})");
  std::smatch parts;
  if (!std::regex_match(address, parts, form)) {
    throw std::invalid_argument("invalid address " + address + ": expected HOST:PORT, after http:// or https:// if at all");
  }
  const std::string target = parts[2];
  const bool local = std::regex_match(parts[3].str(), loopback);
  const bool plain = parts[1] == "http" || (!parts[1].matched && local && ca.empty());
  if (plain && has_key && !local) {
    throw std::invalid_argument("the key is not sent to " + target + " in plain text: use TLS");
  }
  grpc::SslCredentialsOptions tls;
  if (!ca.empty()) tls.pem_root_certs = ReadFile(ca);
  grpc::ChannelArguments arguments;
  // So that a watch notices a connection that died without a word.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  return grpc::CreateCustomChannel(target, plain ? grpc::InsecureChannelCredentials() : grpc::SslCredentials(tls), arguments);
}

}  // namespace

v1::SendMessageRequest TextMessage(const std::string& parent, const std::vector<std::string>& recipients,
                                   const std::string& text) {
  v1::SendMessageRequest request;
  request.set_parent(parent);
  for (const auto& recipient : recipients) request.add_recipients(recipient);
  request.set_text(text);
  return request;
}

Error::Error(const grpc::Status& status, const grpc::ClientContext& context)
    : std::runtime_error(Text(status, DetailOf<google::rpc::ErrorInfo>(status))), status(status) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  if (info.domain() == "smsmux") {
    reason = info.reason();
    const auto& metadata = info.metadata();
    if (const auto found = metadata.find("outcome"); found != metadata.end()) outcome = found->second;
    if (const auto found = metadata.find("resource"); found != metadata.end()) resource = found->second;
  }
  const auto retry = DetailOf<google::rpc::RetryInfo>(status);
  if (retry.has_retry_delay()) {
    retry_after = milliseconds(retry.retry_delay().seconds() * 1'000 + retry.retry_delay().nanos() / 1'000'000);
  }
  const auto request = DetailOf<google::rpc::BadRequest>(status);
  violations.assign(request.field_violations().begin(), request.field_violations().end());
  const auto& trailers = context.GetServerTrailingMetadata();
  if (const auto id = trailers.find("x-request-id"); id != trailers.end()) {
    request_id.assign(id->second.data(), id->second.size());
  }
}

bool Error::MayRepeat() const {
  if (reason.empty()) return status.error_code() == grpc::StatusCode::UNAVAILABLE;
  return std::find(kNothingAccepted.begin(), kNothingAccepted.end(), reason) != kNothingAccepted.end();
}

milliseconds Error::Pause(int attempt) const {
  if (retry_after) return *retry_after;
  const int percent = 80 + static_cast<int>(std::random_device()() % 40);
  return milliseconds(std::min(4'000, 500 << std::min(attempt - 1, 3)) * percent / 100);
}

Client::Client(const Config& config) : key_(FirstOf(config.key, "SMSMUX_KEY", "")), timeout_(config.timeout) {
  const auto channel = Connect(FirstOf(config.address, "SMSMUX_ADDRESS", "127.0.0.1:50051"), !key_.empty(),
                               FirstOf(config.ca, "SMSMUX_CA", ""));
  const auto make = [&](auto& stub) {
    stub = std::make_unique<typename std::remove_reference_t<decltype(stub)>::element_type>(channel);
  };
  std::apply([&](auto&... stubs) { (make(stubs), ...); }, stubs_);
}

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
    const Error error(status, context);
    if (number == kAttempts || system_clock::now() + error.Pause(number) >= end) throw error;
    WaitOrThrow(error, number);
  }
}

void Client::WaitOrThrow(const Error& error, int attempt) {
  if (!error.MayRepeat()) throw error;
  std::this_thread::sleep_for(error.Pause(attempt));
}

}  // namespace smsmux
