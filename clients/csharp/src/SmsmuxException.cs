using Google.Rpc;
using Grpc.Core;

namespace Smsmux;

/// <summary>What every failed call of a client throws.</summary>
public sealed class SmsmuxException : RpcException
{
    // The reasons that say that this call changed nothing: it may be repeated.
    private static readonly string[] NothingAccepted =
    {
        "VENDOR_UNAVAILABLE", "OVERLOADED", "RATE_LIMITED", "STORE_UNAVAILABLE", "SERVER_DRAINING", "REQUEST_IN_PROGRESS",
    };

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

    // Whether a call with an idempotency key may be repeated: nothing was accepted, or the connection was lost.
    internal bool MayRepeat =>
        Reason.Length == 0 ? StatusCode == StatusCode.Unavailable : NothingAccepted.Contains(Reason);

    // How long to wait after an attempt, from 1.
    internal TimeSpan Pause(int attempt)
    {
        var backoff = Math.Min(4_000, 500 << Math.Min(attempt - 1, 3));
        return RetryAfter ?? TimeSpan.FromMilliseconds(backoff * Random.Shared.Next(80, 120) / 100);
    }
}
