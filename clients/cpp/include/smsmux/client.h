// The client of smsmux, one gRPC API in front of many SMS vendors: smsmux::Client. The messages and the stubs are in smsmux::v1.

#ifndef SMSMUX_CLIENT_H_
#define SMSMUX_CLIENT_H_

#include <google/rpc/error_details.pb.h>
#include <grpcpp/grpcpp.h>
#include <smsmux/services.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

namespace smsmux {

// A variable of the environment, or what is to be taken where it is empty.
std::string FromEnvironment(const char* name, const std::string& otherwise = "");

// Where a client connects to, and how: as the environment says, unless it is set here.
struct Config {
  // HOST:PORT: $SMSMUX_ADDRESS, or 127.0.0.1:50051. The connection is TLS unless the address is of this machine and there is no ca;
  // http:// or https:// before the address decides otherwise.
  std::string address = FromEnvironment("SMSMUX_ADDRESS", "127.0.0.1:50051");
  // The API key: $SMSMUX_KEY. It is never sent to another machine in plain text.
  std::string key = FromEnvironment("SMSMUX_KEY");
  // A PEM file with the authorities to trust: $SMSMUX_CA, or those of gRPC.
  std::string ca = FromEnvironment("SMSMUX_CA");
  // For a call with all its repeats, unless it brings its own.
  std::chrono::milliseconds timeout{30'000};
};

// What one call may bring of its own.
struct CallOptions {
  std::optional<std::chrono::milliseconds> timeout;
  // For a thing that is to be done once even if the program is started again. Empty for a random one.
  std::string idempotency_key;
};

// The request of a text, on which further fields can be set.
inline v1::SendMessageRequest TextMessage(const std::string& parent, const std::vector<std::string>& recipients,
                                          const std::string& text) {
  v1::SendMessageRequest request;
  request.set_parent(parent);
  request.mutable_recipients()->Assign(recipients.begin(), recipients.end());
  request.set_text(text);
  return request;
}

// What every failed call throws.
class Error : public std::runtime_error {
 public:
  Error(const grpc::Status& status, const grpc::ClientContext& context);

  // A value of ErrorReason without its prefix: decide by it. Empty if smsmux did not answer.
  std::string reason;
  // NOT_SENT, REFUSED or UNKNOWN: what became of a write.
  std::string outcome = "UNKNOWN";
  // The name to look the outcome up by. Empty if there is none.
  std::string resource;
  // How long to wait before the call is repeated, where smsmux says so.
  std::optional<std::chrono::milliseconds> retry_after;
  // The fields that break a rule of the API.
  std::vector<google::rpc::BadRequest::FieldViolation> violations;
  // The id of the call in smsmux's log. Empty if smsmux did not answer.
  std::string request_id;
  // The status of gRPC.
  grpc::Status status;
};

// A connection to smsmux, with all its services: make one and share it.
//
// A call ends after the timeout with all its repeats, unless it brings its own, and carries an idempotency-key: its own or a random
// one. It is repeated, at most five times, when the reason of the error says that nothing was accepted, after the time in RetryInfo
// where there is one, and when the connection was lost: with the key nothing is sent twice. OUTCOME_UNKNOWN is not repeated.
// Whatever a call fails with is thrown as Error.
class Client {
 public:
  // Throws std::invalid_argument. It connects when the first call is made.
  explicit Client(const Config& config = {});

  // Makes a call of any service: client.Call(&MessageService::Stub::SendMessage, request).
  template <class Stub, class Request, class Response>
  Response Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const std::common_type_t<Request>& request, const CallOptions& options = {}) const {
    Response response;
    Repeat(options, [&](grpc::ClientContext* context) { return (stub<Stub>().*method)(context, request, &response); });
    return response;
  }

  // Hands out the pages of a list, one call for each:
  // client.Pages(&MessageService::Stub::ListMessages, request, [](const ListMessagesResponse& page) { ... }).
  template <class Stub, class Request, class Response>
  void Pages(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
             std::common_type_t<Request> request,
             const std::common_type_t<std::function<void(const Response&)>>& receive) const {
    do {
      const Response page = Call(method, request);
      receive(page);
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
  }

  // Hands out the answers of a stream, until `receive` returns false. The stream comes back by its last resume_token when the server
  // restarts or the connection is lost: client.Watch(&EventService::Stub::WatchEvents, request, receive). Store the token of the
  // last answer that you have processed.
  template <class Stub, class Request, class Response>
  void Watch(std::unique_ptr<grpc::ClientReader<Response>> (Stub::*method)(grpc::ClientContext*, const Request&),
             std::common_type_t<Request> request,
             const std::common_type_t<std::function<bool(const Response&)>>& receive) const {
    for (int attempt = 1;; attempt++) {
      grpc::ClientContext context;
      Authorize(&context);
      const auto stream = (stub<Stub>().*method)(&context, request);
      for (Response answer; stream->Read(&answer);) {
        attempt = 1;
        request.set_resume_token(answer.resume_token());
        if (!receive(answer)) return context.TryCancel();
      }
      const grpc::Status status = stream->Finish();
      if (status.ok()) return;
      WaitOrThrow(Error(status, context), attempt, std::chrono::system_clock::time_point::max());
    }
  }

  // The stub of a service, for calls without these rules.
  template <class Stub>
  Stub& stub() const {
    return *std::get<std::unique_ptr<Stub>>(stubs_);
  }

 private:
  void Repeat(const CallOptions& options, const std::function<grpc::Status(grpc::ClientContext*)>& attempt) const;
  void Authorize(grpc::ClientContext* context) const;
  // Waits until a call that failed may be repeated. Throws the error if it may not, or not until then.
  static void WaitOrThrow(const Error& error, int attempt, std::chrono::system_clock::time_point end);

  std::string key_;
  std::chrono::milliseconds timeout_;
  Stubs stubs_;
};

}  // namespace smsmux

#endif  // SMSMUX_CLIENT_H_
