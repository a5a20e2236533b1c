using Grpc.Core;

namespace Smsmux;

/// <summary>Gives each unary call its idempotency key and deadline, and repeats it.</summary>
internal sealed class Calls : CallInvoker
{
    // How often a call is made at most.
    private const int Attempts = 5;

    private readonly CallInvoker inner;
    private readonly TimeSpan timeout;

    internal Calls(CallInvoker inner, TimeSpan timeout) => (this.inner, this.timeout) = (inner, timeout);

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string host, CallOptions options, TRequest request) =>
        AsyncUnaryCall(method, host, options, request).ResponseAsync.GetAwaiter().GetResult();

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string host, CallOptions options, TRequest request)
    {
        var headers = new Metadata();
        foreach (var entry in options.Headers ?? new())
        {
            headers.Add(entry);
        }
        if (headers.Get("idempotency-key") == null)
        {
            headers.Add("idempotency-key", Guid.NewGuid().ToString());
        }
        var deadline = options.Deadline ?? DateTime.UtcNow + timeout;
        options = options.WithHeaders(headers).WithDeadline(deadline);
        var disposed = new CancellationTokenSource();
        var call = inner.AsyncUnaryCall(method, host, options, request);
        var response = Repeat();
        return new(response, Headers(), () => call.GetStatus(), () => call.GetTrailers(), () =>
        {
            disposed.Cancel();
            call.Dispose();
        });

        async Task<TResponse> Repeat()
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await call.ResponseAsync.ConfigureAwait(false);
                }
                catch (RpcException e)
                {
                    await new SmsmuxException(e).Pause(attempt, Attempts, deadline, disposed.Token).ConfigureAwait(false);
                }
                call = inner.AsyncUnaryCall(method, host, options, request);
            }
        }

        async Task<Metadata> Headers()
        {
            await response.ConfigureAwait(false);
            return await call.ResponseHeadersAsync.ConfigureAwait(false);
        }
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string host, CallOptions options, TRequest request) =>
        inner.AsyncServerStreamingCall(method, host, options, request);

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string host, CallOptions options) =>
        inner.AsyncClientStreamingCall(method, host, options);

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string host, CallOptions options) =>
        inner.AsyncDuplexStreamingCall(method, host, options);
}
