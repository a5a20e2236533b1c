using Google.Rpc;
using Grpc.Core;

namespace Smsmux;

/// <summary>What every failed call of a client throws.</summary>
public sealed class SmsmuxException : RpcException
{
    /// <summary>Reads what a call has thrown.</summary>
    public SmsmuxException(RpcException thrown)
        : base(thrown.Status, thrown.Trailers, thrown.Status.Detail)
    {
        var status = thrown.GetRpcStatus();
        var info = status?.GetDetail<ErrorInfo>();
        if (info != null && info.Domain == "smsmux")
        {
            Reason = info.Reason;
            Outcome = info.Metadata.TryGetValue("outcome", out var outcome) ? outcome : Outcome;
            Resource = info.Metadata.TryGetValue("resource", out var resource) ? resource : "";
        }
        RetryAfter = status?.GetDetail<RetryInfo>()?.RetryDelay?.ToTimeSpan();
        Violations = status?.GetDetail<BadRequest>()?.FieldViolations.ToList() ?? new();
        RequestId = thrown.Trailers.GetValue("x-request-id") ?? "";
    }

    /// <summary>A value of <c>ErrorReason</c> without its prefix: decide by it. Empty if smsmux did not answer.</summary>
    public string Reason { get; } = "";

    /// <summary><c>NOT_SENT</c>, <c>REFUSED</c> or <c>UNKNOWN</c>: what became of a write.</summary>
    public string Outcome { get; } = "UNKNOWN";

    /// <summary>The name to look the outcome up by. Empty if there is none.</summary>
    public string Resource { get; } = "";

    /// <summary>How long to wait before the call is repeated, where smsmux says so.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The fields that break a rule of the API.</summary>
    public IReadOnlyList<BadRequest.Types.FieldViolation> Violations { get; }

    /// <summary>The id of the call in smsmux's log. Empty if smsmux did not answer.</summary>
    public string RequestId { get; }

    // Waits after an attempt, from 1. Throws this error when no other attempt may be made, or none in time: a call with an idempotency key
    // may be repeated when nothing was accepted, or when the connection was lost.
    internal Task Pause(int attempt, int attempts, DateTime deadline, CancellationToken cancellation)
    {
        var backoff = (500 << Math.Min(attempt - 1, 3)) * Random.Shared.Next(80, 120) / 100;
        var pause = RetryAfter ?? TimeSpan.FromMilliseconds(backoff);
        var mayRepeat = StatusCode == StatusCode.Unavailable || Reason is "RATE_LIMITED" or "REQUEST_IN_PROGRESS";
        return mayRepeat && attempt < attempts && DateTime.UtcNow + pause < deadline ? Task.Delay(pause, cancellation) : throw this;
    }
}
