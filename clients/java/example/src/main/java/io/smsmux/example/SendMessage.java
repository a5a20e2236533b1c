package io.smsmux.example;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.smsmux.v1.GetMessageRequest;
import io.smsmux.v1.Message;
import io.smsmux.v1.MessageServiceGrpc;
import io.smsmux.v1.SendMessageRequest;
import java.util.concurrent.TimeUnit;

/**
 * Sends a message, and asks what became of it: through a `smsmux serve --sandbox`, or through the server at
 * `$SMSMUX_ADDRESS` with the key in `$SMSMUX_KEY`.
 */
public final class SendMessage {
  public static void main(String[] args) throws InterruptedException {
    String address = System.getenv().getOrDefault("SMSMUX_ADDRESS", "127.0.0.1:50051");
    Metadata metadata = new Metadata();
    if (System.getenv("SMSMUX_KEY") != null) {
      Metadata.Key<String> name = Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
      metadata.put(name, "Bearer " + System.getenv("SMSMUX_KEY"));
    }
    ManagedChannel channel =
        ManagedChannelBuilder.forTarget(address)
            .usePlaintext()
            .intercept(MetadataUtils.newAttachHeadersInterceptor(metadata))
            .build();
    try {
      var messages = MessageServiceGrpc.newBlockingStub(channel);
      // A deadline is a point in time: it is set for each call, not on the stub that is kept.
      Message sent =
          messages
              .withDeadlineAfter(30, TimeUnit.SECONDS)
              .sendMessage(
                  SendMessageRequest.newBuilder()
                      .setParent("accounts/smsend")
                      .addRecipients("+393471234567")
                      .setText("Ciao!")
                      .build())
              .getMessage();
      System.out.println(sent.getName());

      Message now =
          messages
              .withDeadlineAfter(10, TimeUnit.SECONDS)
              .getMessage(GetMessageRequest.newBuilder().setName(sent.getName()).build())
              .getMessage();
      System.out.println(now.getRecipients(0).getState());
    } finally {
      channel.shutdown().awaitTermination(5, TimeUnit.SECONDS);
    }
  }
}
