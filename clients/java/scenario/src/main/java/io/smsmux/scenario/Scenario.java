package io.smsmux.scenario;

import com.google.protobuf.Any;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Timestamps;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.smsmux.v1.AccountServiceGrpc;
import io.smsmux.v1.AnalyzeMessageRequest;
import io.smsmux.v1.Contact;
import io.smsmux.v1.ContactServiceGrpc;
import io.smsmux.v1.CreateContactRequest;
import io.smsmux.v1.CreateGroupRequest;
import io.smsmux.v1.DeleteGroupRequest;
import io.smsmux.v1.DeliveryState;
import io.smsmux.v1.GetContactRequest;
import io.smsmux.v1.GetMessageRequest;
import io.smsmux.v1.Group;
import io.smsmux.v1.GroupServiceGrpc;
import io.smsmux.v1.InboxServiceGrpc;
import io.smsmux.v1.ListAccountsRequest;
import io.smsmux.v1.ListVendorMessagesRequest;
import io.smsmux.v1.ListVendorMessagesResponse;
import io.smsmux.v1.MessageServiceGrpc;
import io.smsmux.v1.Recipient;
import io.smsmux.v1.SendMessageRequest;
import io.smsmux.v1.SmSendOptions;
import io.smsmux.v1.WatchReceivedMessagesRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** The scenario of ../../scenario/README.md: prints a line for each step that holds, and ends at the first that does not. */
public final class Scenario {
  private static final String SMSEND = "accounts/smsend";

  private static final AtomicInteger NEXT = new AtomicInteger();

  /** The first send, whose name other steps look for. */
  private String first;

  private final AccountServiceGrpc.AccountServiceBlockingStub accounts;
  private final AccountServiceGrpc.AccountServiceBlockingStub accountsWithoutKey;
  private final MessageServiceGrpc.MessageServiceBlockingStub messages;
  private final GroupServiceGrpc.GroupServiceBlockingStub groups;
  private final ContactServiceGrpc.ContactServiceBlockingStub contacts;
  private final InboxServiceGrpc.InboxServiceBlockingStub inbox;

  private Scenario(ManagedChannel channel, String key) {
    var metadata = new Metadata();
    metadata.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + key);
    var withKey = MetadataUtils.newAttachHeadersInterceptor(metadata);
    accounts = AccountServiceGrpc.newBlockingStub(channel).withInterceptors(withKey);
    accountsWithoutKey = AccountServiceGrpc.newBlockingStub(channel);
    messages = MessageServiceGrpc.newBlockingStub(channel).withInterceptors(withKey);
    groups = GroupServiceGrpc.newBlockingStub(channel).withInterceptors(withKey);
    contacts = ContactServiceGrpc.newBlockingStub(channel).withInterceptors(withKey);
    inbox = InboxServiceGrpc.newBlockingStub(channel).withInterceptors(withKey);
  }

  public static void main(String[] args) throws Exception {
    System.out.printf(
        "version Java %s, grpc-java %s%n",
        System.getProperty("java.version"), ManagedChannel.class.getPackage().getImplementationVersion());
    ManagedChannel channel =
        ManagedChannelBuilder.forTarget(environment("SMSMUX_ADDRESS")).usePlaintext().build();
    try {
      var scenario = new Scenario(channel, environment("SMSMUX_KEY"));
      step("accounts", scenario::listAccounts);
      step("send", scenario::send);
      step("status", scenario::status);
      step("pages", scenario::pages);
      step("group", scenario::group);
      step("watch", scenario::watch);
      step("bad-number", scenario::badNumber);
      step("deadline", scenario::deadline);
      step("no-key", scenario::noKey);
      step("unicode", scenario::unicode);
      step("int64", scenario::int64);
      step("optional", scenario::optional);
      step("golden", () -> golden(Path.of(environment("SMSMUX_TESTDATA"))));
      try (var client = new WithClient()) {
        step("rate-limited", client::rateLimited);
        step("cut", client::cut);
        step("unknown", client::unknown);
        step("violations", client::violations);
        step("plain-text", client::plainText);
        step("pager", client::pager);
        step("restart", client::restart);
        step("webhook", client::webhook);
      }
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private void listAccounts() {
    var response = accounts.listAccounts(ListAccountsRequest.getDefaultInstance());
    var smsend =
        response.getAccountsList().stream().filter(account -> account.getName().equals(SMSEND)).findFirst();
    check(smsend.isPresent(), "no " + SMSEND + " in " + response);
    check(
        smsend.get().getMethodsList().contains("smsmux.v1.MessageService/SendMessage"),
        "it cannot send: " + smsend.get());
  }

  private void send() {
    String id = uniqueId();
    io.smsmux.v1.Message message = messages.sendMessage(ciao().setMessageId(id).build()).getMessage();
    check(message.getName().endsWith(id), "not named by its id: " + message);
    check(message.getRecipientsCount() == 1, "not one recipient: " + message);
    check(
        message.getRecipients(0).getState() == DeliveryState.DELIVERY_STATE_QUEUED, "not queued: " + message);
    first = message.getName();
  }

  private void status() {
    Recipient recipient = Recipient.getDefaultInstance();
    for (int i = 0; i < 10 && recipient.getState() != DeliveryState.DELIVERY_STATE_DELIVERED; i++) {
      recipient = get(first).getRecipients(0);
    }
    check(recipient.getState() == DeliveryState.DELIVERY_STATE_DELIVERED, "not delivered: " + recipient);
    check(recipient.getVendorCode().equals("DLVRD"), "another code: " + recipient);
  }

  private void pages() {
    String second = messages.sendMessage(ciao().setMessageId(uniqueId()).build()).getMessage().getName();
    var names = new HashSet<String>();
    var request = ListVendorMessagesRequest.newBuilder().setParent(SMSEND).setPageSize(1);
    ListVendorMessagesResponse page;
    do {
      page = messages.listVendorMessages(request.build());
      for (var message : page.getMessagesList()) {
        check(names.add(message.getName()), "twice: " + message.getName());
      }
      request.setPageToken(page.getNextPageToken());
    } while (!page.getNextPageToken().isEmpty());
    check(names.containsAll(Set.of(first, second)), "not all that was sent: " + names);
  }

  private void group() {
    Group group = Group.newBuilder().setDisplayName("Java " + uniqueId()).setDescription("d").build();
    Group created =
        groups
            .createGroup(CreateGroupRequest.newBuilder().setParent(SMSEND).setGroup(group).build())
            .getGroup();
    check(created.getDisplayName().equals(group.getDisplayName()), "another group: " + created);
    groups.deleteGroup(DeleteGroupRequest.newBuilder().setName(created.getName()).build());
  }

  private void watch() throws Exception {
    var request =
        WatchReceivedMessagesRequest.newBuilder()
            .setParent(SMSEND)
            .setStartTime(Timestamps.parse("2016-05-03T00:00:00Z"))
            .build();
    // A stream of the blocking stub ends with the context that it was started in.
    try (Context.CancellableContext context = Context.current().withCancellation()) {
      context.run(
          () -> {
            var stream = inbox.withDeadlineAfter(30, TimeUnit.SECONDS).watchReceivedMessages(request);
            for (int i = 0; i < 2; i++) {
              var response = stream.next();
              check(
                  !response.getMessage().getName().isEmpty() && !response.getMessage().getTo().isEmpty(),
                  "no name or no number: " + response);
              check(!response.getResumeToken().isEmpty(), "no resume_token: " + response);
            }
          });
    }
  }

  private void badNumber() throws InvalidProtocolBufferException {
    var request = SendMessageRequest.newBuilder().setParent(SMSEND).addRecipients("12").setText("Ciao!").build();
    StatusRuntimeException error =
        fails(Status.Code.INVALID_ARGUMENT, () -> messages.sendMessage(request));
    ErrorInfo info = detail(error, ErrorInfo.class);
    check(info.getReason().equals("INVALID_REQUEST"), "another reason: " + info);
    check(info.getDomain().equals("smsmux"), "another domain: " + info);
    check("NOT_SENT".equals(info.getMetadataMap().get("outcome")), "another outcome: " + info);
    BadRequest badRequest = detail(error, BadRequest.class);
    check(badRequest.getFieldViolationsCount() == 1, "not one violation: " + badRequest);
    check(badRequest.getFieldViolations(0).getField().equals("recipients[0]"), "another field: " + badRequest);
  }

  private void deadline() {
    var request = GetMessageRequest.newBuilder().setName("accounts/slow/messages/x").build();
    fails(
        Status.Code.DEADLINE_EXCEEDED,
        () -> messages.withDeadlineAfter(300, TimeUnit.MILLISECONDS).getMessage(request));
  }

  private void noKey() throws InvalidProtocolBufferException {
    StatusRuntimeException error =
        fails(
            Status.Code.UNAUTHENTICATED,
            () -> accountsWithoutKey.listAccounts(ListAccountsRequest.getDefaultInstance()));
    ErrorInfo info = detail(error, ErrorInfo.class);
    check(info.getReason().equals("CALLER_NOT_AUTHENTICATED"), "another reason: " + info);
  }

  private void unicode() {
    // As escapes, whatever encoding the sources are read in: é, Ж and a grinning face.
    String text = "Perch\u00e9 \u0416 \ud83d\ude00";
    var sent =
        messages.sendMessage(
            SendMessageRequest.newBuilder()
                .setParent("accounts/lox24")
                .addRecipients("+4915123456789")
                .setSender("smsmux")
                .setText(text)
                .build());
    String id = sent.getMessage().getRecipients(0).getVendorMessageId();
    var message = get("accounts/lox24/messages/" + id);
    check(message.getText().equals(text), "another text: " + message);
    var analysis =
        messages.analyzeMessage(
            AnalyzeMessageRequest.newBuilder()
                .setMessage(
                    SendMessageRequest.newBuilder()
                        .setParent("accounts/lox24")
                        .addRecipients("+4915123456789")
                        .setSender("smsmux")
                        .setText(text))
                .build());
    check(
        analysis.getUcs2CharactersList().equals(List.of("\u0416", "\ud83d\ude00")),
        "other characters: " + analysis);
  }

  private void int64() {
    var options = SmSendOptions.newBuilder().setReturnRemaining(true);
    var with = messages.sendMessage(ciao().setSmsend(options).build()).getMessage();
    check(with.hasCreditsRemaining(), "no credits_remaining: " + with);
    long remaining = with.getCreditsRemaining();
    check(remaining > 0, "no credits remain: " + remaining);
    var without = messages.sendMessage(ciao().build()).getMessage();
    check(!without.hasCreditsRemaining(), "credits_remaining without asking: " + without);
  }

  private void optional() {
    String id = uniqueId();
    var contact = Contact.newBuilder().setEmail(id + "@example.com").setGivenName("Java " + id);
    var created =
        contacts
            .createContact(CreateContactRequest.newBuilder().setParent(SMSEND).setContact(contact).build())
            .getContact();
    var read =
        contacts.getContact(GetContactRequest.newBuilder().setName(created.getName()).build()).getContact();
    check(read.hasGivenName() && read.getGivenName().equals("Java " + id), "no given_name: " + read);
    check(!read.hasFax(), "a fax: " + read);
  }

  private static void golden(Path folder) throws Exception {
    List<Path> vectors;
    try (var files = Files.list(folder)) {
      vectors = files.filter(file -> file.toString().endsWith(".binpb")).collect(Collectors.toList());
    }
    check(!vectors.isEmpty(), "no golden vectors in " + folder);
    for (Path vector : vectors) {
      String name = vector.getFileName().toString().replace(".binpb", "");
      byte[] bytes = Files.readAllBytes(vector);
      var type = Class.forName("io.smsmux.v1." + name);
      var empty = (Message) type.getMethod("getDefaultInstance").invoke(null);
      var decoded = empty.getParserForType().parseFrom(bytes, ExtensionRegistry.getEmptyRegistry());
      check(decoded.getUnknownFields().asMap().isEmpty(), "fields unknown in " + name);
      check(Arrays.equals(decoded.toByteArray(), bytes), name + " is encoded otherwise");

      Message.Builder fromJson = empty.newBuilderForType();
      JsonFormat.parser().merge(Files.readString(folder.resolve(name + ".json")), fromJson);
      check(Arrays.equals(fromJson.build().toByteArray(), bytes), name + " of JSON is encoded otherwise");
    }
  }

  private io.smsmux.v1.Message get(String name) {
    return messages.getMessage(GetMessageRequest.newBuilder().setName(name).build()).getMessage();
  }

  private static SendMessageRequest.Builder ciao() {
    return SendMessageRequest.newBuilder().setParent(SMSEND).addRecipients("+393471234567").setText("Ciao!");
  }

  static String uniqueId() {
    return "java-" + TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) + NEXT.getAndIncrement();
  }

  /** The error that the call must end in. */
  private static StatusRuntimeException fails(Status.Code code, Runnable call) {
    try {
      call.run();
    } catch (StatusRuntimeException error) {
      check(error.getStatus().getCode() == code, "another code: " + error.getStatus());
      return error;
    }
    throw new AssertionError("no error, where " + code + " was due");
  }

  /** The error's detail of that type. */
  private static <T extends Message> T detail(StatusRuntimeException error, Class<T> type)
      throws InvalidProtocolBufferException {
    com.google.rpc.Status status = StatusProto.fromThrowable(error);
    for (Any any : status.getDetailsList()) {
      if (any.is(type)) {
        return any.unpack(type);
      }
    }
    throw new AssertionError("no " + type.getSimpleName() + " in " + status);
  }

  static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  private static void step(String name, Step step) {
    try {
      step.run();
    } catch (Exception | AssertionError error) {
      throw new AssertionError(name + ": " + error.getMessage(), error);
    }
    System.out.println("ok " + name);
  }

  static String environment(String name) {
    String value = System.getenv(name);
    if (value == null) {
      throw new IllegalStateException(name + " is not set");
    }
    return value;
  }
}
