using Grpc.Core;

namespace Smsmux;

/// <summary>Gives each call its key, idempotency key and deadline, and repeats it.</summary>
internal sealed class Calls : CallInvoker
{
    // How often a call is made at most.
    private const int Attempts = 5;

    private readonly CallInvoker inner;
    private readonly string key;
    private readonly TimeSpan timeout;

    internal Calls(CallInvoker inner, string key, TimeSpan timeout) =>
        (this.inner, this.key, this.timeout) = (inner, key, timeout);

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string host, CallOptions options, TRequest request) =>
        AsyncUnaryCall(method, host, options, request).ResponseAsync.GetAwaiter().GetResult();

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string host, CallOptions options, TRequest request)
    {
        options = Authorized(options).WithDeadline(options.Deadline ?? DateTime.UtcNow + timeout);
        if (options.Headers.Get("idempotency-key") == null)
        {
            options.Headers.Add("idempotency-key", Guid.NewGuid().ToString());
        }
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
                    var error = new SmsmuxException(e);
                    var pause = error.Pause(attempt);
                    if (!error.MayRepeat || attempt == Attempts || DateTime.UtcNow + pause >= options.Deadline)
                    {
                        throw error;
                    }
                    await Task.Delay(pause, disposed.Token).ConfigureAwait(false);
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
        inner.AsyncServerStreamingCall(method, host, Authorized(options), request);

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string host, CallOptions options) =>
        inner.AsyncClientStreamingCall(method, host, Authorized(options));

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string host, CallOptions options) =>
        inner.AsyncDuplexStreamingCall(method, host, Authorized(options));

    private CallOptions Authorized(CallOptions options)
    {
        var headers = new Metadata();
        foreach (var entry in options.Headers ?? Enumerable.Empty<Metadata.Entry>())
        {
            headers.Add(entry);
        }
        if (key.Length > 0 && headers.Get("authorization") == null)
        {
            headers.Add("authorization", "Bearer " + key);
        }
        return options.WithHeaders(headers);
    }
}
