import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { Browser } from '../pages/support/browser.ts';

/** A microphone that beeps, permission to use it, and host candidates on 127.0.0.1. */
const FLAGS = [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--allow-loopback-in-peer-connection',
  '--autoplay-policy=no-user-gesture-required',
];

// Text, because it runs in the page: this package knows no DOM. PCMU and telephone-event at its clock only.
const PAGE = `<!doctype html><title>phone</title><script>
  const pc = new RTCPeerConnection({ iceServers: [] });
  const ready = (async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    pc.addTrack(stream.getAudioTracks()[0], stream);
    const { codecs } = RTCRtpReceiver.getCapabilities('audio');
    pc.getTransceivers()[0].setCodecPreferences(
      codecs.filter(({ mimeType, clockRate }) => clockRate === 8000 && /PCMU|telephone-event/i.test(mimeType)),
    );
    pc.ontrack = ({ streams }) => {
      const sound = new Audio();
      sound.srcObject = streams[0];
      sound.play();
    };
  })();
  async function offer() {
    await ready;
    await pc.setLocalDescription();
    return pc.localDescription.sdp;
  }
  const connected = new Promise((resolve) => {
    pc.onconnectionstatechange = () => {
      if (['connected', 'failed', 'closed'].includes(pc.connectionState)) resolve(pc.connectionState);
    };
  });
  async function answer(sdp) {
    await pc.setRemoteDescription({ type: 'answer', sdp });
    return connected;
  }
  async function press(keys) {
    const { dtmf } = pc.getSenders()[0];
    const sent = new Promise((resolve) => {
      dtmf.ontonechange = ({ tone }) => { if (tone === '') resolve(); };
    });
    dtmf.insertDTMF(keys, 100, 70);
    await sent;
  }
  async function report() {
    const all = [...(await pc.getStats()).values()];
    const inbound = all.find(({ type }) => type === 'inbound-rtp');
    const transport = all.find(({ type }) => type === 'transport');
    const remote = all.find(({ type }) => type === 'remote-inbound-rtp');
    return {
      packetsReceived: inbound?.packetsReceived ?? 0,
      energy: inbound?.totalAudioEnergy ?? 0,
      dtlsState: transport?.dtlsState ?? '',
      srtpCipher: transport?.srtpCipher ?? '',
      reportedByUs: remote !== undefined,
    };
  }
</script>`;

export interface BrowserReport {
  readonly packetsReceived: number;
  /** Of what it played since the call began. */
  readonly energy: number;
  readonly dtlsState: string;
  readonly srtpCipher: string;
  /** Our RTCP reached it and spoke of its stream. */
  readonly reportedByUs: boolean;
}

/** A WebRTC phone: Chromium with a page that has one peer connection. */
export class BrowserPhone implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #server: Server;
  readonly #page: Page;

  private constructor(browser: Browser, server: Server, page: Page) {
    this.#browser = browser;
    this.#server = server;
    this.#page = page;
  }

  static async open(): Promise<BrowserPhone> {
    const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(PAGE));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const browser = await Browser.start(FLAGS);
    return new BrowserPhone(browser, server, await browser.open(`http://127.0.0.1:${port}/`));
  }

  offer(): Promise<string> {
    return this.#page.evaluate('offer()');
  }

  /** What became of the connection: `connected` or `failed`. */
  answer(sdp: string): Promise<string> {
    return this.#page.evaluate(`answer(${JSON.stringify(sdp)})`);
  }

  /** Resolves when the last key was sent. */
  async press(keys: string): Promise<void> {
    await this.#page.evaluate(`press(${JSON.stringify(keys)})`);
  }

  report(): Promise<BrowserReport> {
    return this.#page.evaluate('report()');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser[Symbol.asyncDispose]();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
