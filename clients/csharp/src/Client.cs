using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Smsmux;

/// <summary>A connection to smsmux, with all its services: make one and share it.</summary>
/// <remarks>
/// Without arguments it takes <c>$SMSMUX_ADDRESS</c> (<c>127.0.0.1:50051</c>), <c>$SMSMUX_KEY</c> and <c>$SMSMUX_CA</c>, a PEM file
/// with the authorities to trust. The connection is TLS unless the address is of this machine and there is no such file;
/// <c>http://</c> or <c>https://</c> before the address decides otherwise. A key is never sent to another machine in plain text.
///
/// A call ends after the timeout, 30 seconds, with all its repeats, unless it brings a deadline, and carries an
/// <c>idempotency-key</c>: that of its headers or a random one. It is repeated, at most five times, when the reason of the error says
/// that nothing was accepted, after the time in RetryInfo where there is one, and when the connection was lost: with the key nothing
/// is sent twice. OUTCOME_UNKNOWN is not repeated. Whatever a call fails with is thrown as <see cref="SmsmuxException"/>.
/// </remarks>
public sealed partial class Client : IDisposable
{
    private static readonly Regex Form = new(@"^(?:(https?)://)?([^/?#@]+)$");

    private readonly GrpcChannel channel;
    private readonly CallInvoker calls;

    /// <summary>Makes a client. It connects when the first call is made.</summary>
    public Client(string address = null, string key = null, string ca = null, TimeSpan? timeout = null)
    {
        address ??= Variable("SMSMUX_ADDRESS") ?? "127.0.0.1:50051";
        key ??= Variable("SMSMUX_KEY") ?? "";
        ca ??= Variable("SMSMUX_CA");
        var form = Form.Match(address);
        var target = form.Groups[2].Value;
        if (!Uri.TryCreate("https://" + target, UriKind.Absolute, out var uri))
        {
            throw new ArgumentException($"invalid address {address}: expected HOST:PORT, after http:// or https:// if at all");
        }
        var plain = form.Groups[1].Success ? form.Groups[1].Value == "http" : uri.IsLoopback && ca == null;
        if (plain && key.Length > 0 && !uri.IsLoopback)
        {
            throw new ArgumentException($"the key is not sent to {target} in plain text: use TLS");
        }
        var handler = new SocketsHttpHandler
        {
            // So that a watch notices a connection that died without a word.
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            EnableMultipleHttp2Connections = true,
        };
        if (ca != null)
        {
            var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust };
            trust.RevocationMode = X509RevocationMode.NoCheck;
            trust.CustomTrustStore.ImportFromPemFile(ca);
            handler.SslOptions.CertificateChainPolicy = trust;
        }
        // Calls have deadlines of their own, and a watch has none. The headers are for calls without their own.
        var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        if (key.Length > 0)
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        }
        var options = new GrpcChannelOptions { HttpClient = http, DisposeHttpClient = true };
        channel = GrpcChannel.ForAddress((plain ? "http://" : "https://") + target, options);
        calls = new Calls(channel.CreateCallInvoker(), timeout ?? TimeSpan.FromSeconds(30));
    }

    /// <summary>
    /// Iterates over the pages of a list, one call for each: <c>client.Pages(r => client.Messages.ListMessages(r), request)</c>.
    /// </summary>
    public IEnumerable<TPage> Pages<TRequest, TPage>(Func<TRequest, TPage> list, TRequest request)
        where TRequest : IMessage, IDeepCloneable<TRequest>
        where TPage : IMessage
    {
        request = request.Clone();
        string token;
        do
        {
            var page = list(request);
            yield return page;
            token = Text(page, "next_page_token");
            Set(request, "page_token", token);
        } while (token.Length > 0);
    }

    /// <summary>
    /// Iterates over the answers of a stream, which comes back by its last <c>resume_token</c> when the server restarts or the connection
    /// is lost: <c>client.Watch(r => client.Events.WatchEvents(r), request)</c>. Store the token of the last answer that you have
    /// processed.
    /// </summary>
    public async IAsyncEnumerable<TAnswer> Watch<TRequest, TAnswer>(
        Func<TRequest, AsyncServerStreamingCall<TAnswer>> watch,
        TRequest request,
        [EnumeratorCancellation] CancellationToken cancellation = default)
        where TRequest : IMessage, IDeepCloneable<TRequest>
        where TAnswer : IMessage
    {
        request = request.Clone();
        for (var attempt = 1; ; attempt++)
        {
            // Disposing of the call cancels it.
            using var call = watch(request);
            while (true)
            {
                try
                {
                    if (!await call.ResponseStream.MoveNext(cancellation).ConfigureAwait(false))
                    {
                        yield break;
                    }
                }
                catch (RpcException e) when (!cancellation.IsCancellationRequested)
                {
                    await new SmsmuxException(e).Pause(attempt, int.MaxValue, DateTime.MaxValue, cancellation).ConfigureAwait(false);
                    break;
                }
                attempt = 1;
                Set(request, "resume_token", Text(call.ResponseStream.Current, "resume_token"));
                yield return call.ResponseStream.Current;
            }
        }
    }

    /// <summary>Ends the connection and all calls.</summary>
    public void Dispose() => channel.Dispose();

    private static string Text(IMessage message, string field) =>
        (string)message.Descriptor.FindFieldByName(field).Accessor.GetValue(message);

    private static void Set(IMessage message, string field, string value) =>
        message.Descriptor.FindFieldByName(field).Accessor.SetValue(message, value);

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
