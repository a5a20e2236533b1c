package io.smsmux.example;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.smsmux.v1.GetMessageRequest;
import io.smsmux.v1.Message;
import io.smsmux.v1.MessageServiceGrpc;
import io.smsmux.v1.SendMessageRequest;
import java.util.concurrent.TimeUnit;

/** Sends a message through `smsmux serve --sandbox`, and asks what became of it. */
public final class SendMessage {
  public static void main(String[] args) throws InterruptedException {
    ManagedChannel channel = ManagedChannelBuilder.forTarget("127.0.0.1:50051").usePlaintext().build();
    try {
      var messages = MessageServiceGrpc.newBlockingStub(channel);
      Message sent =
          messages
              .withDeadlineAfter(30, TimeUnit.SECONDS)
              .sendMessage(
                  SendMessageRequest.newBuilder()
                      .setParent("accounts/smsend")
                      .addRecipients("+393471234567")
                      .setText("Ciao!")
                      .build())
              .getMessages(0);
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
