package io.smsmux;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.AbstractBlockingStub;
import io.smsmux.v1.AccountServiceGrpc;
import io.smsmux.v1.AliasServiceGrpc;
import io.smsmux.v1.AuthServiceGrpc;
import io.smsmux.v1.CampaignServiceGrpc;
import io.smsmux.v1.ConsentServiceGrpc;
import io.smsmux.v1.ContactServiceGrpc;
import io.smsmux.v1.EventServiceGrpc;
import io.smsmux.v1.GroupServiceGrpc;
import io.smsmux.v1.InboxServiceGrpc;
import io.smsmux.v1.MessageServiceGrpc;
import io.smsmux.v1.NumberServiceGrpc;
import io.smsmux.v1.SendMessageRequest;
import io.smsmux.v1.ServerServiceGrpc;
import io.smsmux.v1.StopListServiceGrpc;
import io.smsmux.v1.SubaccountServiceGrpc;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A connection to smsmux, with all its services: make one and share it.
 *
 * <p>A call ends after the timeout with all its repeats, unless its stub has a deadline, and carries an {@code idempotency-key}: its own
 * or a random one. It is repeated, at most five times, when the reason of the error says that nothing was accepted, after the time in
 * RetryInfo where there is one, and when the connection was lost: with the key nothing is sent twice. OUTCOME_UNKNOWN is not
 * repeated. Whatever a call fails with is thrown as {@link SmsmuxException}.
 *
 * <p>The services are the blocking stubs. Others are made of {@link #channel}, with the same rules: {@code
 * MessageServiceGrpc.newFutureStub(client.channel())}. What they fail with is read by {@link SmsmuxException#of}.
 */
public final class Client implements AutoCloseable {
  /** Where a client connects to, and how. What is absent is taken from the environment. */
  public static final class Builder {
    private String address = variable("SMSMUX_ADDRESS", "127.0.0.1:50051");
    private String key = variable("SMSMUX_KEY", "");
    private String ca = variable("SMSMUX_CA", "");
    private Duration timeout = Duration.ofSeconds(30);

    private Builder() {}

    /**
     * Sets {@code HOST:PORT}: {@code $SMSMUX_ADDRESS}, or {@code 127.0.0.1:50051}. The connection is TLS unless the address is of this
     * machine and there is no {@link #ca}; {@code http://} or {@code https://} before the address decides otherwise.
     */
    public Builder address(String address) {
      this.address = address;
      return this;
    }

    /** Sets the API key: {@code $SMSMUX_KEY}. It is never sent to another machine in plain text. */
    public Builder key(String key) {
      this.key = key;
      return this;
    }

    /** Sets a PEM file with the authorities to trust: {@code $SMSMUX_CA}, or those of Java. */
    public Builder ca(String ca) {
      this.ca = ca;
      return this;
    }

    /** Sets the time for a call with all its repeats, unless its stub has a deadline: 30 seconds. */
    public Builder timeout(Duration timeout) {
      this.timeout = timeout;
      return this;
    }

    /** Makes the client. It connects when the first call is made. */
    public Client build() {
      return new Client(this);
    }

    private static String variable(String name, String otherwise) {
      String value = System.getenv(name);
      return value == null || value.isEmpty() ? otherwise : value;
    }
  }

  private final ManagedChannel connection;
  private final Channel channel;

  private Client(Builder options) {
    var address = Address.of(options.address, options.key, options.ca);
    connection =
        Grpc.newChannelBuilder(address.target, address.plain ? InsecureChannelCredentials.create() : tls(options.ca))
            // So that a watch notices a connection that died without a word.
            .keepAliveTime(30, TimeUnit.SECONDS)
            .keepAliveTimeout(10, TimeUnit.SECONDS)
            .build();
    channel = ClientInterceptors.intercept(connection, new Calls(options.key, options.timeout));
  }

  /** Returns a client of what the environment says. */
  public static Client create() {
    return builder().build();
  }

  /** Returns a builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns the request of a text; further fields can be set by its {@code toBuilder()}. */
  public static SendMessageRequest textMessage(String parent, String text, String... recipients) {
    return SendMessageRequest.newBuilder()
        .setParent(parent)
        .addAllRecipients(List.of(recipients))
        .setText(text)
        .build();
  }

  /** Returns the accounts. */
  public AccountServiceGrpc.AccountServiceBlockingStub accounts() {
    return throwing(AccountServiceGrpc.newBlockingStub(channel));
  }

  /** Returns the aliases. */
  public AliasServiceGrpc.AliasServiceBlockingStub aliases() {
    return throwing(AliasServiceGrpc.newBlockingStub(channel));
  }

  /** Returns the sessions and tokens. */
  public AuthServiceGrpc.AuthServiceBlockingStub auth() {
    return throwing(AuthServiceGrpc.newBlockingStub(channel));
  }

  /** Returns the campaigns. */
  public CampaignServiceGrpc.CampaignServiceBlockingStub campaigns() {
    return throwing(CampaignServiceGrpc.newBlockingStub(channel));
  }

  /** Returns the consents. */
  public ConsentServiceGrpc.ConsentServiceBlockingStub consents() {
    return throwing(ConsentServiceGrpc.newBlockingStub(channel));
  }

  /** Returns the contacts. */
  public ContactServiceGrpc.ContactServiceBlockingStub contacts() {
    return throwing(ContactServiceGrpc.newBlockingStub(channel));
  }

  /** Returns the events. */
  public EventServiceGrpc.EventServiceBlockingStub events() {
    return throwing(EventServiceGrpc.newBlockingStub(channel));
  }

  /** Returns the groups. */
  public GroupServiceGrpc.GroupServiceBlockingStub groups() {
    return throwing(GroupServiceGrpc.newBlockingStub(channel));
  }

  /** Returns the received messages. */
  public InboxServiceGrpc.InboxServiceBlockingStub inbox() {
    return throwing(InboxServiceGrpc.newBlockingStub(channel));
  }

  /** Returns the messages. */
  public MessageServiceGrpc.MessageServiceBlockingStub messages() {
    return throwing(MessageServiceGrpc.newBlockingStub(channel));
  }

  /** Returns the numbers. */
  public NumberServiceGrpc.NumberServiceBlockingStub numbers() {
    return throwing(NumberServiceGrpc.newBlockingStub(channel));
  }

  /** Returns the server itself. */
  public ServerServiceGrpc.ServerServiceBlockingStub server() {
    return throwing(ServerServiceGrpc.newBlockingStub(channel));
  }

  /** Returns the stop list. */
  public StopListServiceGrpc.StopListServiceBlockingStub stopList() {
    return throwing(StopListServiceGrpc.newBlockingStub(channel));
  }

  /** Returns the subaccounts. */
  public SubaccountServiceGrpc.SubaccountServiceBlockingStub subaccounts() {
    return throwing(SubaccountServiceGrpc.newBlockingStub(channel));
  }

  /** Returns the channel, for stubs of other kinds. */
  public Channel channel() {
    return channel;
  }

  /** Iterates over the pages of a list, one call for each: {@code client.pages(client.messages()::listMessages, request)}. */
  public <Q extends Message, A extends Message> Iterable<A> pages(Function<Q, A> list, Q request) {
    return () ->
        Stream.iterate(list.apply(request), Objects::nonNull, page -> {
          String token = text(page, "next_page_token");
          return token.isEmpty() ? null : list.apply(with(request, "page_token", token));
        }).iterator();
  }

  /**
   * Iterates over the answers of a stream, which comes back by its last {@code resume_token} when the server restarts or the connection
   * is lost: {@code client.watch(client.events()::watchEvents, request)}. Store the token of the last answer that you have
   * processed; close the watch to end it.
   */
  public <Q extends Message, A extends Message> Watch<Q, A> watch(Function<Q, Iterator<A>> method, Q request) {
    return new Watch<>(method, request);
  }

  /** Ends the connection and all calls. */
  @Override
  public void close() {
    connection.shutdownNow();
  }

  private static <S extends AbstractBlockingStub<S>> S throwing(S stub) {
    return stub.withOption(Calls.THROWS, true);
  }

  static String text(Message message, String field) {
    return (String) message.getField(field(message, field));
  }

  @SuppressWarnings("unchecked") // A message's builder makes messages of its type.
  static <T extends Message> T with(T message, String field, String value) {
    return (T) message.toBuilder().setField(field(message, field), value).build();
  }

  private static FieldDescriptor field(Message message, String name) {
    return message.getDescriptorForType().findFieldByName(name);
  }

  private static ChannelCredentials tls(String ca) {
    try {
      return ca.isEmpty()
          ? TlsChannelCredentials.create()
          : TlsChannelCredentials.newBuilder().trustManager(new File(ca)).build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
