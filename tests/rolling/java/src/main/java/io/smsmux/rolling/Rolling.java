package io.smsmux.rolling;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.smsmux.v1.MessageServiceGrpc;
import io.smsmux.v1.MessageServiceGrpc.MessageServiceBlockingStub;
import io.smsmux.v1.SendMessageRequest;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** Sends through all replicas by grpc-java, with the settings of docs/operations.md: see run.py. */
public final class Rolling {
  private static final Metadata.Key<String> KEY =
      Metadata.Key.of("idempotency-key", Metadata.ASCII_STRING_MARSHALLER);

  private static final Map<String, ?> CONFIG =
      Map.of(
          "methodConfig",
          List.of(
              Map.of(
                  "name",
                  List.of(Map.of()),
                  "retryPolicy",
                  Map.of(
                      "maxAttempts", 4.0,
                      "initialBackoff", "0.2s",
                      "maxBackoff", "2s",
                      "backoffMultiplier", 2.0,
                      "retryableStatusCodes", List.of("UNAVAILABLE", "ABORTED")))));

  /** The most calls at a time: a machine that is too slow for the rate makes fewer. */
  private static final int IN_FLIGHT = 200;

  /** The time for a call with all that the program repeats. */
  private static final long LONGEST = TimeUnit.SECONDS.toNanos(200);

  private final MessageServiceBlockingStub messages;
  private final AtomicInteger repeated = new AtomicInteger();
  private final AtomicInteger flying = new AtomicInteger();
  private final AtomicLong slowest = new AtomicLong();
  private final Queue<String> failed = new ConcurrentLinkedQueue<>();

  private Rolling(ManagedChannel channel) {
    messages = MessageServiceGrpc.newBlockingStub(channel);
  }

  public static void main(String[] arguments) throws Exception {
    ManagedChannel channel =
        ManagedChannelBuilder.forTarget(arguments[0])
            .usePlaintext()
            .defaultLoadBalancingPolicy("round_robin")
            .defaultServiceConfig(CONFIG)
            .enableRetry()
            .build();
    int rate = Integer.parseInt(arguments[1]);
    Rolling rolling = new Rolling(channel);
    ExecutorService calls = Executors.newCachedThreadPool();
    long begun = System.nanoTime();
    int made = 0;
    Thread ended = new Thread(Rolling::readToEnd);
    ended.start();
    while (ended.isAlive()) {
      long due = (System.nanoTime() - begun) * rate / TimeUnit.SECONDS.toNanos(1);
      for (; made < due && rolling.flying.get() < IN_FLIGHT; made++) {
        String text = arguments[2] + "-" + made;
        rolling.flying.incrementAndGet();
        calls.execute(() -> rolling.send(text));
      }
      Thread.sleep(10);
    }
    calls.shutdown();
    calls.awaitTermination(5, TimeUnit.MINUTES);
    channel.shutdown();
    String failures =
        rolling.failed.stream()
            .map(text -> '"' + text.replaceAll("[\"\\\\\\p{Cntrl}]", "'") + '"')
            .collect(Collectors.joining(", "));
    System.out.printf(
        "{\"calls\": %d, \"repeated\": %d, \"slowest\": %d.%03d, \"failed\": [%s]}%n",
        made,
        rolling.repeated.get(),
        TimeUnit.NANOSECONDS.toSeconds(rolling.slowest.get()),
        TimeUnit.NANOSECONDS.toMillis(rolling.slowest.get()) % 1000,
        failures);
  }

  private static void readToEnd() {
    try {
      while (System.in.read() >= 0) {}
    } catch (java.io.IOException end) {
      // The same.
    }
  }

  private void send(String text) {
    SendMessageRequest request =
        SendMessageRequest.newBuilder()
            .setParent("accounts/smsend")
            .addRecipients("+393471234567")
            .setText(text)
            .build();
    Metadata metadata = new Metadata();
    metadata.put(KEY, text);
    MessageServiceBlockingStub keyed =
        messages.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
    long begun = System.nanoTime();
    while (true) {
      try {
        keyed.withDeadlineAfter(30, TimeUnit.SECONDS).sendMessage(request);
        break;
      } catch (StatusRuntimeException error) {
        Status.Code code = error.getStatus().getCode();
        // The outcome is not known yet: the program repeats the call, with the same key.
        boolean isOpen = code == Status.Code.UNKNOWN || code == Status.Code.DEADLINE_EXCEEDED;
        if (!isOpen || System.nanoTime() - begun > LONGEST) {
          failed.add(text + ": " + error.getStatus());
          break;
        }
        repeated.incrementAndGet();
        try {
          Thread.sleep(2000);
        } catch (InterruptedException end) {
          return;
        }
      }
    }
    slowest.accumulateAndGet(System.nanoTime() - begun, Math::max);
    flying.decrementAndGet();
  }
}
