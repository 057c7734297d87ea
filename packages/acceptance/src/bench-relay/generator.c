// The load of bench:relay: so many calls of PCMU or Opus, 20 ms, both directions, and what became of each packet.
//
//   generator CALLS [srtp | opus FILE kept|anew]   opens two sockets a call and prints    ports CUSTOMER CLEAN ...
//                          FILE: packets that go round, each behind its length in two octets; anew: the relay encodes them again
//   stdin: CUSTOMER CLEAN  ports of the relay, one line a call, with srtp followed by the key and salt that the relay sends with on
//                          each leg (60 hexadecimal digits; ours are all zero); then   run WARM_MS MEASURE_MS LOOKBACK_SAMPLES
//   stdout: begin, end (when the measured time begins and ends), then one line of JSON
//
// A packet counts as delivered when it comes with the very audio that it was sent with; encoded anew, when it comes at all, and
// the first that comes is the first that was sent. Its delay is counted from when the
// packet left that completed what a relay without any cost would have needed to send it, to when the kernel had it for us.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <math.h>
#include <srtp2/srtp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CALLS_MAX = 4000, FRAME = 160, HEADER = 12, SLOTS = 40, LOOP = 32000, RING = 512, BATCH = 16 };
enum { BIN_NS = 20000, BINS = 25000 };  // 20 us each, up to 500 ms
enum { OPUS_TYPE = 111, OPUS_TICKS = 6, PAYLOAD_MAX = 1400 };  // RTP timestamps for a sample of 8 kHz
#define SLOT_NS 500000ll                // a frame time of 20 ms in 40 slots
#define DRAIN_NS 400000000ll

typedef struct {
  int fd;
  int partner;       // the leg that hears what this one says
  int known;         // where its stream comes from is known
  int start;         // where in the loop of audio it begins
  uint16_t sequence;
  uint32_t timestamp, ssrc, offset;
  int64_t frames;    // sent so far
  int64_t first, last;  // frames of the measured time
  int64_t sent_ns[RING];
  int64_t delivered, altered;
  srtp_t out, in;    // AES_CM_128_HMAC_SHA1_80 (RFC 4568), or null
} leg;

static leg legs[2 * CALLS_MAX];
static int calls, legs_all;
static uint8_t audio[2 * LOOP];
static uint8_t opus[LOOP / FRAME][PAYLOAD_MAX];
static int opus_length[LOOP / FRAME], payload_type = 0, ticks = 1, encoded_anew = 0;
static int64_t lookback[2];  // samples; [0] of what the customer says, [1] of what the agent says
static int64_t bins[2][BINS + 1];
static int64_t unknown_packets, unauthentic_packets, refused_sends, late_max_ns;
static int measuring;

static int64_t now_ns(clockid_t which) {
  struct timespec t;
  clock_gettime(which, &t);
  return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static uint8_t ulaw(double value) {
  int sample = (int)value, sign = sample < 0 ? 0x80 : 0, exponent = 7;
  if (sign) sample = -sample;
  if (sample > 32635) sample = 32635;
  sample += 0x84;
  for (int mask = 0x4000; exponent > 0 && !(sample & mask); mask >>= 1) exponent--;
  uint8_t code = ~(sign | (exponent << 4) | ((sample >> (exponent + 3)) & 0x0f));
  return code == 0x7f ? 0xff : code;  // u-law has two zeros; who decodes and encodes again knows one
}

// Syllables: a gliding voice of 20 harmonics, then hiss, then near silence. Loud enough that no detector may skip it.
static void make_audio(void) {
  double phase = 0;
  uint32_t seed = 12345;
  for (int n = 0; n < LOOP; n++) {
    double t = n / 8000.0, syllable = fmod(t, 0.25) / 0.25;
    double pitch = 115 + 25 * sin(2 * M_PI * 0.9 * t) + 8 * sin(2 * M_PI * 5 * t);
    phase += 2 * M_PI * pitch / 8000;
    double formant = 500 + 250 * sin(2 * M_PI * 1.7 * t), voice = 0;
    for (int h = 1; h <= 20; h++) {
      double distance = (h * pitch - formant) / 350, second = (h * pitch - 1700) / 400;
      voice += sin(h * phase + h) * (exp(-distance * distance) + 0.4 * exp(-second * second) + 0.02);
    }
    seed = seed * 1664525u + 1013904223u;
    double hiss = (seed >> 8) / 8388608.0 - 1;
    double level = syllable < 0.6 ? 2400 * sin(M_PI * syllable / 0.6) : 0;
    audio[n] = audio[n + LOOP] = ulaw(level * voice + hiss * (syllable > 0.6 && syllable < 0.8 ? 1500 : 90));
  }
}

static const uint8_t *audio_at(const leg *speaker, int64_t sample) {
  return audio + (speaker->start + sample) % LOOP;
}

// Each in its turn, from any of them on.
static int opus_at(const leg *speaker, int64_t sample) {
  return (int)((speaker->start + sample) / FRAME % (LOOP / FRAME));
}

static int read_opus(const char *name) {
  FILE *file = fopen(name, "rb");
  if (file == NULL) return 0;
  for (int n = 0; n < LOOP / FRAME; n++) {
    int high = fgetc(file), low = fgetc(file), length = high * 256 + low;
    if (low < 0 || length > PAYLOAD_MAX || fread(opus[n], 1, (size_t)length, file) != (size_t)length) return 0;
    opus_length[n] = length;
  }
  fclose(file);
  return 1;
}

static const uint8_t *payload_at(const leg *speaker, int64_t sample, int *length) {
  int n = opus_at(speaker, sample);
  *length = payload_type == OPUS_TYPE ? opus_length[n] : FRAME;
  return payload_type == OPUS_TYPE ? opus[n] : audio_at(speaker, sample);
}

static void send_frame(leg *l) {
  uint8_t packet[HEADER + PAYLOAD_MAX + SRTP_MAX_TRAILER_LEN];
  int length;
  const uint8_t *payload = payload_at(l, l->frames * FRAME, &length);
  uint32_t timestamp = htonl(l->timestamp + (uint32_t)(l->frames * FRAME * ticks)), ssrc = htonl(l->ssrc);
  uint16_t sequence = htons((uint16_t)(l->sequence + l->frames));
  packet[0] = 0x80;
  packet[1] = (uint8_t)((l->frames == 0 ? 0x80 : 0) | payload_type);
  memcpy(packet + 2, &sequence, 2);
  memcpy(packet + 4, &timestamp, 4);
  memcpy(packet + 8, &ssrc, 4);
  memcpy(packet + HEADER, payload, (size_t)length);
  length += HEADER;
  l->sent_ns[l->frames % RING] = now_ns(CLOCK_REALTIME);
  l->frames++;
  if (l->out != NULL && srtp_protect(l->out, packet, &length) != srtp_err_status_ok) refused_sends++;
  if (send(l->fd, packet, (size_t)length, MSG_DONTWAIT) < 0) refused_sends++;
}

static int matches(const leg *speaker, int64_t sample, const uint8_t *payload, int length) {
  int said;
  if (sample < 0) return 0;
  if (encoded_anew) return length > 0;
  const uint8_t *audio = payload_at(speaker, sample, &said);
  return said == length && memcmp(audio, payload, (size_t)length) == 0;
}

// Which of the speaker's samples the packet begins with: found once in what was said lately, then known by its timestamp.
static int64_t sample_of(leg *speaker, leg *listener, const uint8_t *packet, int length) {
  uint32_t timestamp;
  memcpy(&timestamp, packet + 4, 4);
  timestamp = ntohl(timestamp);
  if (listener->known) {
    int64_t written = speaker->frames * FRAME;
    return written + (int32_t)(timestamp - listener->offset - (uint32_t)(written * ticks)) / ticks;
  }
  int64_t newest = encoded_anew ? 0 : (speaker->frames - 1) * FRAME, step = payload_type == OPUS_TYPE ? FRAME : FRAME / 4;
  for (int64_t sample = newest; sample >= 0 && sample > newest - 25 * FRAME; sample -= step) {
    if (!matches(speaker, sample, packet + HEADER, length)) continue;
    listener->known = 1;
    listener->offset = timestamp - (uint32_t)(sample * ticks);
    return sample;
  }
  return -1;
}

static void heard(leg *listener, uint8_t *packet, int length, int64_t at_ns) {
  leg *speaker = &legs[listener->partner];
  if (listener->in != NULL && srtp_unprotect(listener->in, packet, &length) != srtp_err_status_ok) {
    unauthentic_packets++;
    return;
  }
  length -= HEADER;
  if (length <= 0 || (payload_type == 0 && length != FRAME) || (packet[1] & 0x7f) != payload_type) {
    unknown_packets++;
    return;
  }
  int64_t sample = sample_of(speaker, listener, packet, length);
  if (sample < 0) return;
  if (!matches(speaker, sample, packet + HEADER, length)) {
    if (sample >= speaker->first * FRAME && sample < speaker->last * FRAME) speaker->altered++;
    listener->known = 0;  // its numbers may have begun anew
    return;
  }
  if (sample < speaker->first * FRAME || sample >= speaker->last * FRAME) return;
  speaker->delivered++;
  int direction = (int)((speaker - legs) & 1);
  int64_t trigger = (sample + FRAME + lookback[direction] - 1) / FRAME;
  if (trigger >= speaker->frames) return;
  int64_t delay = (at_ns - speaker->sent_ns[trigger % RING]) / BIN_NS;
  bins[direction][delay < 0 ? 0 : delay > BINS ? BINS : delay]++;
}

static void drain(int epoll) {
  struct epoll_event events[256];
  static uint8_t packets[BATCH][HEADER + PAYLOAD_MAX + SRTP_MAX_TRAILER_LEN];
  static char controls[BATCH][64];
  for (int count; (count = epoll_wait(epoll, events, 256, 0)) > 0;) {
    for (int e = 0; e < count; e++) {
      struct mmsghdr messages[BATCH] = {0};
      struct iovec vectors[BATCH];
      for (int n = 0; n < BATCH; n++) {
        vectors[n] = (struct iovec){packets[n], sizeof packets[n]};
        messages[n].msg_hdr = (struct msghdr){.msg_iov = &vectors[n], .msg_iovlen = 1, .msg_control = controls[n], .msg_controllen = sizeof controls[n]};
      }
      leg *listener = &legs[events[e].data.u32];
      int got = recvmmsg(listener->fd, messages, BATCH, MSG_DONTWAIT, NULL);
      for (int n = 0; n < got; n++) {
        struct cmsghdr *control = CMSG_FIRSTHDR(&messages[n].msg_hdr);
        struct timespec at = {0};
        if (control != NULL) memcpy(&at, CMSG_DATA(control), sizeof at);
        heard(listener, packets[n], (int)messages[n].msg_len, at.tv_sec * 1000000000ll + at.tv_nsec);
      }
    }
    if (count < 256) return;
  }
}

static void sleep_until(int64_t at_ns) {
  struct timespec t = {at_ns / 1000000000ll, at_ns % 1000000000ll};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static double percentile(int direction, double share) {
  int64_t total = 0, seen = 0;
  for (int n = 0; n <= BINS; n++) total += bins[direction][n];
  for (int n = 0; n <= BINS; n++)
    if ((seen += bins[direction][n]) >= share * total) return (n + 0.5) * BIN_NS / 1e6;
  return 0;
}

static void mark(const char *what) {
  for (int n = 0; n < legs_all; n++) {
    if (what[0] == 'b') legs[n].first = legs[n].frames;
    else legs[n].last = legs[n].frames;
  }
  puts(what);
  fflush(stdout);
}

static void run(int epoll, int64_t warm_ms, int64_t measure_ms) {
  for (int n = 0; n < legs_all; n++) legs[n].first = legs[n].last = INT64_MAX / FRAME;
  int64_t start = now_ns(CLOCK_MONOTONIC) + 1000000, slots = (warm_ms + measure_ms) * 1000000 / SLOT_NS;
  for (int64_t slot = 0; slot < slots; slot++) {
    if (slot == warm_ms * 1000000 / SLOT_NS) measuring = 1, mark("begin");
    sleep_until(start + slot * SLOT_NS);
    int64_t late = now_ns(CLOCK_MONOTONIC) - start - slot * SLOT_NS;
    if (measuring && late > late_max_ns) late_max_ns = late;
    for (int n = (int)(slot % SLOTS); n < legs_all; n += SLOTS) send_frame(&legs[n]);
    drain(epoll);
  }
  mark("end");
  // Look-backs and queues; what is said meanwhile pushes the last of the measured audio out.
  int64_t end = start + slots * SLOT_NS;
  for (int64_t slot = 0; slot * SLOT_NS < DRAIN_NS; slot++) {
    sleep_until(end + slot * SLOT_NS);
    for (int n = (int)((slots + slot) % SLOTS); n < legs_all; n += SLOTS) send_frame(&legs[n]);
    drain(epoll);
  }
}

static void report(int64_t measure_ms) {
  int64_t sent = 0, delivered = 0, altered = 0;
  for (int n = 0; n < legs_all; n++) {
    sent += legs[n].last - legs[n].first;
    delivered += legs[n].delivered;
    altered += legs[n].altered;
  }
  printf("{\"calls\":%d,\"measureMs\":%lld,\"sent\":%lld,\"delivered\":%lld,\"altered\":%lld,\"unknown\":%lld,\"unauthentic\":%lld,\"refusedSends\":%lld,", calls,
         (long long)measure_ms, (long long)sent, (long long)delivered, (long long)altered, (long long)unknown_packets, (long long)unauthentic_packets, (long long)refused_sends);
  const char *names[2] = {"toAgentMs", "toCustomerMs"};
  for (int d = 0; d < 2; d++)
    printf("\"%s\":{\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f},", names[d], percentile(d, 0.5), percentile(d, 0.99), percentile(d, 1));
  printf("\"generatorLateMaxMs\":%.2f}\n", late_max_ns / 1e6);
  fflush(stdout);
}

static srtp_t session(srtp_ssrc_type_t ssrcs, uint8_t *key) {
  srtp_policy_t policy = {0};
  srtp_t made = NULL;
  srtp_crypto_policy_set_rtp_default(&policy.rtp);
  srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
  policy.ssrc.type = ssrcs;
  policy.key = key;
  policy.window_size = 1024;
  if (srtp_create(&made, &policy) != srtp_err_status_ok) fprintf(stderr, "srtp_create failed\n"), exit(2);
  return made;
}

static int protect(leg *l) {
  uint8_t ours[SRTP_AES_ICM_128_KEY_LEN_WSALT] = {0}, theirs[SRTP_AES_ICM_128_KEY_LEN_WSALT];
  for (size_t n = 0; n < sizeof theirs; n++)
    if (scanf("%2hhx", &theirs[n]) != 1) return 0;
  l->out = session(ssrc_any_outbound, ours);
  l->in = session(ssrc_any_inbound, theirs);
  return 1;
}

int main(int argc, char **argv) {
  calls = argc > 1 ? atoi(argv[1]) : 0;
  if (calls < 1 || calls > CALLS_MAX) return fprintf(stderr, "calls: 1 to %d\n", CALLS_MAX), 2;
  int encrypted = argc > 2 && strcmp(argv[2], "srtp") == 0;
  if (encrypted && srtp_init() != srtp_err_status_ok) return fprintf(stderr, "srtp_init failed\n"), 2;
  if (argc > 4 && strcmp(argv[2], "opus") == 0) {
    payload_type = OPUS_TYPE;
    ticks = OPUS_TICKS;
    encoded_anew = strcmp(argv[4], "anew") == 0;
    if (!read_opus(argv[3])) return fprintf(stderr, "%s: not %d packets\n", argv[3], LOOP / FRAME), 2;
  }
  legs_all = 2 * calls;
  struct rlimit files = {0};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  prctl(PR_SET_TIMERSLACK, 1);
  make_audio();
  int epoll = epoll_create1(0);
  printf("ports");
  for (int n = 0; n < legs_all; n++) {
    leg *l = &legs[n];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int yes = 1;
    l->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (l->fd < 0 || bind(l->fd, (struct sockaddr *)&address, length) != 0) return perror("socket"), 2;
    getsockname(l->fd, (struct sockaddr *)&address, &length);
    setsockopt(l->fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)n};
    epoll_ctl(epoll, EPOLL_CTL_ADD, l->fd, &event);
    *l = (leg){.fd = l->fd, .partner = n ^ 1, .start = payload_type == OPUS_TYPE ? n * 7 * FRAME % LOOP : n * 997 % LOOP, .sequence = (uint16_t)(n * 77), .timestamp = (uint32_t)n * 7777, .ssrc = 0x10000u + (uint32_t)n};
    printf(" %d", ntohs(address.sin_port));
  }
  puts("");
  fflush(stdout);
  for (int n = 0; n < legs_all; n++) {
    int port;
    if (scanf("%d", &port) != 1) return 2;
    struct sockaddr_in relay = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(legs[n].fd, (struct sockaddr *)&relay, sizeof relay) != 0) return perror("connect"), 2;
    if (encrypted && (n & 1) && (!protect(&legs[n - 1]) || !protect(&legs[n]))) return 2;
  }
  long long warm_ms, measure_ms, to_agent, to_customer;
  if (scanf(" run %lld %lld %lld %lld", &warm_ms, &measure_ms, &to_agent, &to_customer) != 4) return 2;
  lookback[0] = to_agent;
  lookback[1] = to_customer;
  run(epoll, warm_ms, measure_ms);
  report(measure_ms);
  return 0;
}
