// grpc_csharp_plugin, which Debian does not package, over the generator in its libgrpc_plugin_support.
#include <google/protobuf/compiler/code_generator.h>
#include <google/protobuf/compiler/plugin.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream.h>

#include <cctype>
#include <memory>
#include <string>

namespace grpc_csharp_generator {
std::string GetServices(const google::protobuf::FileDescriptor*, bool client, bool server, bool internal_access);
}

namespace {

using google::protobuf::FileDescriptor;

class Generator : public google::protobuf::compiler::CodeGenerator {
 public:
  uint64_t GetSupportedFeatures() const override { return FEATURE_PROTO3_OPTIONAL; }

  // Takes no options: clients alone, public.
  bool Generate(const FileDescriptor* file, const std::string& options,
                google::protobuf::compiler::GeneratorContext* context, std::string* error) const override {
    if (!options.empty()) {
      *error = "takes no options";
      return false;
    }
    const std::string code = grpc_csharp_generator::GetServices(file, true, false, false);
    if (code.empty()) return true;
    std::unique_ptr<google::protobuf::io::ZeroCopyOutputStream> out(context->Open(FileName(*file)));
    google::protobuf::io::CodedOutputStream writer(out.get());
    writer.WriteRaw(code.data(), static_cast<int>(code.size()));
    return true;
  }

 private:
  // smsmux/v1/message_service.proto -> MessageServiceGrpc.cs
  static std::string FileName(const FileDescriptor& file) {
    std::string name = file.name().substr(0, file.name().rfind('.'));
    name = name.substr(name.rfind('/') + 1);
    std::string pascal;
    bool up = true;
    for (const char c : name) {
      if (c == '_') {
        up = true;
        continue;
      }
      pascal += up ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
      up = false;
    }
    return pascal + "Grpc.cs";
  }
};

}  // namespace

int main(int argc, char** argv) {
  const Generator generator;
  return google::protobuf::compiler::PluginMain(argc, argv, &generator);
}
