// The steps of ../../scenario/README.md with the client.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using System.Security.Cryptography;
using System.Text.Json;
using System.Threading.Tasks;
using Smsmux;
using Smsmux.V1;
using static Scenario;

internal static class WithClient
{
    private const string Parent = "accounts/harness";

    private static readonly HttpClient Http = new HttpClient();

    internal static async Task Run()
    {
        using var client = new Client("https://" + await Harness("server"), ca: Variable("SMSMUX_HARNESS_CA"));

        await Step("rate-limited", async () =>
        {
            var text = "busy " + NewId();
            await client.Messages.SendMessageAsync(Request(text));
            Check(await TimesSent(text) == 2, "the vendor was asked twice");
            // The same without waiting for a task.
            client.Messages.SendMessage(Request(text = "busy " + NewId()));
            Check(await TimesSent(text) == 2, "the vendor was asked twice");
        });

        await Step("cut", async () =>
        {
            var text = "cut " + NewId();
            using var through = new Client(await Harness("cut/" + Variable("SMSMUX_ADDRESS")));
            await through.Messages.SendMessageAsync(Request(text));
            Check(await TimesSent(text) == 1, "the vendor was asked once");
        });

        await Step("unknown", async () =>
        {
            var text = "unknown " + NewId();
            var error = await Failure(async () => await client.Messages.SendMessageAsync(Request(text)));
            Check(error.Reason == "OUTCOME_UNKNOWN" && error.Outcome == "UNKNOWN", "the outcome is unknown");
            Check(error.Resource.StartsWith(Parent + "/messages/", StringComparison.Ordinal), "a message is the resource");
            Check(error.RequestId.Length > 0, "there is a request id");
            Check(await TimesSent(text) == 1, "the vendor was asked once");
        });

        await Step("violations", async () =>
        {
            var request = Request("Ciao!");
            request.Recipients[0] = "12";
            var error = await Failure(async () => await client.Messages.SendMessageAsync(request));
            Check(error.Reason == "INVALID_REQUEST" && error.Outcome == "NOT_SENT", "it was not sent");
            Check(error.Violations.Single().Field == "recipients[0]", "the field is recipients[0]");
        });

        await Step("plain-text", () =>
        {
            try
            {
                new Client("http://192.0.2.1:50051").Dispose();
            }
            catch (ArgumentException)
            {
                return Task.CompletedTask;
            }
            throw new InvalidOperationException("the key would be sent in plain text");
        });

        await Step("pager", async () =>
        {
            await client.Messages.SendMessageAsync(Request("pager " + NewId()));
            var request = new ListMessagesRequest { Parent = Parent, PageSize = 1 };
            var pages = client.Pages(r => client.Messages.ListMessages(r), request).ToList();
            var names = pages.SelectMany(page => page.Messages).Select(message => message.Name).ToList();
            Check(pages.Count >= 2, "there are two pages");
            Check(names.Distinct().Count() == names.Count, "no name comes twice");
        });

        await Step("restart", async () =>
        {
            var request = new WatchEventsRequest { Parent = Parent };
            long? place = null;
            var events = 0;
            await foreach (var answer in client.Watch(r => client.Events.WatchEvents(r), request))
            {
                Check(place == null || answer.PreviousSequence == place, "it comes after the one before");
                var isFirst = place == null;
                place = answer.Event?.Sequence ?? answer.Progress.Sequence;
                if (!isFirst && answer.Event == null)
                {
                    continue;
                }
                if (!isFirst && ++events == 1)
                {
                    await Harness("restart");
                }
                if (events == 2)
                {
                    break;
                }
                await client.Messages.SendMessageAsync(Request("watch " + NewId()));
            }
        });

        await Step("webhook", async () =>
        {
            var id = NewId();
            var create = new CreateEventSubscriptionRequest { Parent = Parent, EventSubscriptionId = id };
            var name = (await client.Events.CreateEventSubscriptionAsync(create)).EventSubscription.Name;
            var set = new SetEventWebhookRequest { Name = name, Url = $"{Variable("SMSMUX_HARNESS")}/hooks/{id}" };
            var secret = (await client.Events.SetEventWebhookAsync(set)).SigningSecret;
            await client.Messages.SendMessageAsync(Request("webhook " + NewId()));
            using var delivered = await Http.GetAsync($"{Variable("SMSMUX_HARNESS")}/hooks/{id}");
            var body = await delivered.Content.ReadAsStringAsync();
            Check(IsSigned(secret, body, delivered), "it is signed");
            Check(!IsSigned(secret, body + " ", delivered), "another body is not");
            var type = JsonDocument.Parse(body).RootElement.GetProperty("type").GetString();
            Check(type.StartsWith("smsmux.message.", StringComparison.Ordinal), "it tells of a message");
            await client.Events.DeleteEventSubscriptionAsync(new DeleteEventSubscriptionRequest { Name = name });
        });
    }

    private static SendMessageRequest Request(string text) =>
        new SendMessageRequest { Parent = Parent, Recipients = { "+4915123456789" }, Sender = "smsmux", Text = text };

    private static async Task<SmsmuxException> Failure(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (SmsmuxException e)
        {
            return e;
        }
        throw new InvalidOperationException("the call succeeded");
    }

    private static Task<string> Harness(string command) => Http.GetStringAsync($"{Variable("SMSMUX_HARNESS")}/{command}");

    private static async Task<int> TimesSent(string text) =>
        int.Parse(await Harness("sent/" + Uri.EscapeDataString(text)), CultureInfo.InvariantCulture);

    // Whether a delivery is signed by Standard Webhooks, which has no library on NuGet.
    private static bool IsSigned(string secret, string body, HttpResponseMessage delivered)
    {
        string Header(string name) => delivered.Headers.GetValues(name).Single();
        var signed = $"{Header("webhook-id")}.{Header("webhook-timestamp")}.{body}";
        var key = Convert.FromBase64String(secret.Substring("whsec_".Length));
        var signature = "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, System.Text.Encoding.UTF8.GetBytes(signed)));
        return Header("webhook-signature").Split(' ').Contains(signature);
    }
}
