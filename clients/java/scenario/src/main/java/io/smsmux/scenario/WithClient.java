package io.smsmux.scenario;

import static io.smsmux.scenario.Scenario.check;
import static io.smsmux.scenario.Scenario.environment;
import static io.smsmux.scenario.Scenario.uniqueId;

import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.Struct;
import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import io.smsmux.Client;
import io.smsmux.SmsmuxException;
import io.smsmux.v1.CreateEventSubscriptionRequest;
import io.smsmux.v1.DeleteEventSubscriptionRequest;
import io.smsmux.v1.ListMessagesRequest;
import io.smsmux.v1.Message;
import io.smsmux.v1.MessageServiceGrpc;
import io.smsmux.v1.SendMessageRequest;
import io.smsmux.v1.SetEventWebhookRequest;
import io.smsmux.v1.WatchEventsRequest;
import io.smsmux.v1.WatchEventsResponse;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;

/** The steps of ../../scenario/README.md with the client. */
final class WithClient implements AutoCloseable {
  private static final String PARENT = "accounts/harness";

  private final Client client;

  WithClient() throws Exception {
    String address = "https://" + harness("server").body();
    client =
        Client.create(
            settings -> {
              settings.address = address;
              settings.ca = environment("SMSMUX_HARNESS_CA");
            });
  }

  @Override
  public void close() {
    client.close();
  }

  void rateLimited() throws Exception {
    String text = "busy " + uniqueId();
    client.messages().sendMessage(send(text));
    sentTimes(text, "2");
    // The same without a thread that waits.
    String other = "busy " + uniqueId();
    MessageServiceGrpc.newFutureStub(client.channel()).sendMessage(send(other)).get();
    sentTimes(other, "2");
  }

  void cut() throws Exception {
    String text = "cut " + uniqueId();
    String proxy = harness("cut/" + environment("SMSMUX_ADDRESS")).body();
    try (Client through = Client.create(settings -> settings.address = proxy)) {
      through.messages().sendMessage(send(text));
    }
    sentTimes(text, "1");
  }

  void unknown() throws Exception {
    String text = "unknown " + uniqueId();
    SmsmuxException error = failure(send(text));
    check(error.reason().equals("OUTCOME_UNKNOWN") && error.outcome().equals("UNKNOWN"), "another: " + error);
    check(error.resource().startsWith(PARENT + "/messages/"), "another resource: " + error.resource());
    check(!error.requestId().isEmpty(), "no request id");
    sentTimes(text, "1");
  }

  void violations() {
    SmsmuxException error = failure(send("Ciao!").toBuilder().setRecipients(0, "12").build());
    check(error.reason().equals("INVALID_REQUEST") && error.outcome().equals("NOT_SENT"), "another: " + error);
    check(error.violations().size() == 1, "not one violation: " + error.violations());
    check(error.violations().get(0).getField().equals("recipients[0]"), "another: " + error.violations());
  }

  void plainText() {
    try {
      Client.create(settings -> settings.address = "http://192.0.2.1:50051").close();
    } catch (IllegalArgumentException e) {
      return;
    }
    check(false, "the key would be sent in plain text");
  }

  void pager() {
    client.messages().sendMessage(send("pager " + uniqueId()));
    var request = ListMessagesRequest.newBuilder().setParent(PARENT).setPageSize(1).build();
    var names = new ArrayList<String>();
    int pages = 0;
    for (var page : client.pages(client.messages()::listMessages, request)) {
      pages++;
      page.getMessagesList().stream().map(Message::getName).forEach(names::add);
    }
    check(pages >= 2 && new HashSet<>(names).size() == names.size(), pages + " pages, " + names);
  }

  void restart() throws Exception {
    var request = WatchEventsRequest.newBuilder().setParent(PARENT).build();
    try (var watch = client.watch(client.events()::watchEvents, request)) {
      var answers = watch.iterator();
      WatchEventsResponse answer = answers.next();
      for (boolean restart : List.of(true, false)) {
        client.messages().sendMessage(send("watch " + uniqueId()));
        do {
          long place = Math.max(answer.getEvent().getSequence(), answer.getProgress().getSequence());
          answer = answers.next();
          check(answer.getPreviousSequence() == place, "after " + place + ": " + answer);
        } while (!answer.hasEvent());
        if (restart) {
          harness("restart");
        }
      }
    }
  }

  void webhook() throws Exception {
    String id = uniqueId();
    var create = CreateEventSubscriptionRequest.newBuilder().setParent(PARENT).setEventSubscriptionId(id).build();
    String name = client.events().createEventSubscription(create).getEventSubscription().getName();
    String url = environment("SMSMUX_HARNESS") + "/hooks/" + id;
    var set = SetEventWebhookRequest.newBuilder().setName(name).setUrl(url).build();
    var webhook = new Webhook(client.events().setEventWebhook(set).getSigningSecret());
    client.messages().sendMessage(send("webhook " + uniqueId()));
    HttpResponse<String> delivered = harness("hooks/" + id);
    var headers = new HashMap<String, List<String>>(delivered.headers().map());
    webhook.verify(delivered.body(), headers);
    try {
      webhook.verify(delivered.body() + " ", headers);
      check(false, "another body has the same signature");
    } catch (WebhookVerificationException e) {
      // As it must.
    }
    Struct.Builder event = Struct.newBuilder();
    JsonFormat.parser().merge(delivered.body(), event);
    String type = event.getFieldsOrThrow("type").getStringValue();
    check(type.startsWith("smsmux.message."), "another event: " + delivered.body());
    client.events().deleteEventSubscription(DeleteEventSubscriptionRequest.newBuilder().setName(name).build());
  }

  private static SendMessageRequest send(String text) {
    return Client.textMessage(PARENT, text, "+4915123456789").toBuilder().setSender("smsmux").build();
  }

  private SmsmuxException failure(SendMessageRequest request) {
    try {
      client.messages().sendMessage(request);
    } catch (SmsmuxException e) {
      return e;
    }
    throw new AssertionError("no error");
  }

  private static void sentTimes(String text, String times) throws Exception {
    String path = URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    String found = harness("sent/" + path).body();
    check(found.equals(times), "sent " + found + " times, not " + times);
  }

  private static HttpResponse<String> harness(String command) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(environment("SMSMUX_HARNESS") + "/" + command)).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }
}
