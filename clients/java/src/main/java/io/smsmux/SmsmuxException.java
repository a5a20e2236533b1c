package io.smsmux;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** What every failed call of a {@link Client} throws. */
public final class SmsmuxException extends StatusRuntimeException {
  private static final long serialVersionUID = 1;

  private final ErrorInfo info;

  SmsmuxException(Status status, Metadata trailers) {
    super(status, Objects.requireNonNullElseGet(trailers, Metadata::new));
    ErrorInfo any = detail(ErrorInfo.getDefaultInstance());
    info = any.getDomain().equals("smsmux") ? any : ErrorInfo.getDefaultInstance();
  }

  /** Returns what a call of another stub has thrown, or what its future has failed with. */
  public static SmsmuxException of(Throwable thrown) {
    return new SmsmuxException(Status.fromThrowable(thrown), Status.trailersFromThrowable(thrown));
  }

  /** Returns a value of {@code ErrorReason} without its prefix: decide by it. Empty if smsmux did not answer. */
  public String reason() {
    return info.getReason();
  }

  /** Returns {@code NOT_SENT}, {@code REFUSED} or {@code UNKNOWN}: what became of a write. */
  public String outcome() {
    return info.getMetadataOrDefault("outcome", "UNKNOWN");
  }

  /** Returns the name to look the outcome up by. Empty if there is none. */
  public String resource() {
    return info.getMetadataOrDefault("resource", "");
  }

  /** Returns how long to wait before the call is repeated, where smsmux says so. */
  public Optional<Duration> retryAfter() {
    return Optional.of(detail(RetryInfo.getDefaultInstance()))
        .filter(RetryInfo::hasRetryDelay)
        .map(retry -> Duration.ofSeconds(retry.getRetryDelay().getSeconds(), retry.getRetryDelay().getNanos()));
  }

  /** Returns the fields that break a rule of the API. */
  public List<BadRequest.FieldViolation> violations() {
    return detail(BadRequest.getDefaultInstance()).getFieldViolationsList();
  }

  /** Returns the id of the call in smsmux's log. Empty if smsmux did not answer. */
  public String requestId() {
    return Objects.requireNonNullElse(getTrailers().get(Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER)), "");
  }

  /** Returns the reason and the text, for people. */
  @Override
  public String getMessage() {
    return (reason().isEmpty() ? getStatus().getCode() : reason()) + ": " + getStatus().getDescription();
  }

  /** Returns whether a call with an idempotency key may be repeated: nothing was accepted, or the connection was lost. */
  boolean mayRepeat() {
    return getStatus().getCode() == Status.Code.UNAVAILABLE || Set.of("RATE_LIMITED", "REQUEST_IN_PROGRESS").contains(reason());
  }

  /** Returns how long to wait after an attempt, from 1. */
  Duration pause(int attempt) {
    long backoff = 500L << Math.min(attempt - 1, 3);
    return retryAfter().orElse(Duration.ofMillis(backoff * ThreadLocalRandom.current().nextInt(80, 120) / 100));
  }

  /** Returns the detail of the type of {@code none}, or that if there is none. */
  private <T extends Message> T detail(T none) {
    for (Any detail : StatusProto.fromThrowable(this).getDetailsList()) {
      try {
        if (detail.isSameTypeAs(none)) {
          return detail.unpackSameTypeAs(none);
        }
      } catch (InvalidProtocolBufferException e) {
        // As if it were not there.
      }
    }
    return none;
  }
}
