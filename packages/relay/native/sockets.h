// The sockets of one Node environment and the memory that they share with JavaScript.
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#define NAPI_VERSION 8
#include <node_api.h>
#include <uv.h>

namespace {

// Shared with native-io.ts, which reads them from the exports.
constexpr uint32_t kSlots = 512;
constexpr uint32_t kSlotBytes = 2048;
// Per received datagram: socket, length, 1 when it has the source of the datagram before it on that socket.
constexpr uint32_t kRxFields = 3;
// Per datagram to send: socket, length.
constexpr uint32_t kTxFields = 2;
constexpr uint32_t kSocketsMax = 16384;
// Control words: how long to wait for more before a batch, in us.
constexpr uint32_t kControls = 1;

// As long as the longest that we know and no longer: a sockaddr_storage has 128 bytes.
union Address {
  sockaddr any;
  sockaddr_in ipv4;
  sockaddr_in6 ipv6;

  // 0: none.
  socklen_t Length() const {
    if (any.sa_family == AF_INET) return sizeof ipv4;
    return any.sa_family == AF_INET6 ? sizeof ipv6 : 0;
  }
  bool operator==(const Address& other) const {
    if (any.sa_family != other.any.sa_family) return false;
    if (any.sa_family == AF_INET)
      return ipv4.sin_port == other.ipv4.sin_port && ipv4.sin_addr.s_addr == other.ipv4.sin_addr.s_addr;
    return any.sa_family == AF_INET6 && ipv6.sin6_port == other.ipv6.sin6_port &&
           memcmp(&ipv6.sin6_addr, &other.ipv6.sin6_addr, sizeof ipv6.sin6_addr) == 0;
  }
};

// One cache line: of some hundred sockets each is touched once in 20 ms, and each line that is touched is a miss.
struct alignas(64) Socket {
  int fd = -1;
  Address target{};
  Address source{};
};
static_assert(sizeof(Socket) == 64, "a socket is one cache line");

struct Io {
  napi_env env = nullptr;
  napi_ref on_batch = nullptr;
  napi_ref resource = nullptr;
  napi_async_context context = nullptr;
  napi_async_cleanup_hook_handle cleanup = nullptr;
  napi_ref buffers[5] = {};
  uint8_t* rx = nullptr;
  uint8_t* tx = nullptr;
  int32_t* rx_meta = nullptr;
  int32_t* tx_meta = nullptr;
  int32_t* control = nullptr;
  uv_poll_t* poll = nullptr;
  int epoll_fd = -1;
  bool in_batch = false;
  std::vector<Socket> sockets;
  // Sends that the system refused, by socket.
  std::vector<double> refused;
  std::vector<uint32_t> free_sockets;
  Address sources[kSlots];
  uint32_t received = 0;
  uint64_t batch_began_ns = 0;
};

// Edge-triggered: a socket is told of when something comes to it, and is not asked again after it was emptied.
int Watch(const Io* io, uint32_t number, int operation) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.u32 = number;
  return epoll_ctl(io->epoll_fd, operation, io->sockets[number].fd, &event);
}

uint32_t AddSocket(Io* io, int fd) {
  uint32_t number;
  if (io->free_sockets.empty()) {
    number = static_cast<uint32_t>(io->sockets.size());
    io->sockets.emplace_back();
    io->refused.push_back(0);
  } else {
    number = io->free_sockets.back();
    io->free_sockets.pop_back();
    io->refused[number] = 0;
  }
  io->sockets[number].fd = fd;
  return number;
}

void CloseSocket(Io* io, uint32_t number) {
  Socket& socket = io->sockets[number];
  if (socket.fd < 0) return;
  epoll_ctl(io->epoll_fd, EPOLL_CTL_DEL, socket.fd, nullptr);
  close(socket.fd);
  socket = Socket();
  io->free_sockets.push_back(number);
}

}  // namespace
