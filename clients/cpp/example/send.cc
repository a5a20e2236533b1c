// Sends a message and reads its state: send [ADDRESS [KEY]]

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/grpcpp.h>
#include <smsmux/v1/message_service.grpc.pb.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

namespace {

std::string key;

// A context is for one call.
void Prepare(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  if (!key.empty()) context.AddMetadata("authorization", "Bearer " + key);
}

// Ends the program where a call failed, and says why.
void ExitOnError(const grpc::Status& status) {
  if (status.ok()) return;
  std::cerr << status.error_message();
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  if (details.ParseFromString(status.error_details())) {
    for (const auto& detail : details.details()) {
      if (detail.UnpackTo(&info)) std::cerr << " (" << info.reason() << ")";
    }
  }
  std::cerr << std::endl;
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string address = argc > 1 ? argv[1] : "localhost:50051";
  if (argc > 2) key = argv[2];
  auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  auto messages = smsmux::v1::MessageService::NewStub(channel);

  smsmux::v1::SendMessageRequest send;
  send.set_parent("accounts/smsend");
  send.add_recipients("+393471234567");
  send.set_text("Ciao!");
  // Named here, so that the message can be looked up even when the answer is lost.
  send.set_message_id("cpp-" + std::to_string(std::chrono::system_clock::now().time_since_epoch().count()));
  smsmux::v1::SendMessageResponse sent;
  grpc::ClientContext send_context;
  Prepare(send_context);
  ExitOnError(messages->SendMessage(&send_context, send, &sent));

  smsmux::v1::GetMessageRequest get;
  get.set_name(sent.message().name());
  smsmux::v1::GetMessageResponse got;
  grpc::ClientContext get_context;
  Prepare(get_context);
  ExitOnError(messages->GetMessage(&get_context, get, &got));
  std::cout << get.name() << ' ' << smsmux::v1::DeliveryState_Name(got.message().recipients(0).state()) << std::endl;
}
