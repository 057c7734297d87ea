/* Waits for one datagram on an address of this machine and prints the traffic class octet that it came with. argv: 4 | 6 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int is_ipv6 = argc > 1 && argv[1][0] == '6';
  int fd = socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
  int yes = 1;
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  memset(&address, 0, sizeof address);
  if (is_ipv6) {
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address;
    six->sin6_family = AF_INET6;
    six->sin6_addr = in6addr_loopback;
    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, &yes, sizeof yes);
  } else {
    struct sockaddr_in *four = (struct sockaddr_in *)&address;
    four->sin_family = AF_INET;
    four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, IPPROTO_IP, IP_RECVTOS, &yes, sizeof yes);
  }
  if (bind(fd, (struct sockaddr *)&address, is_ipv6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in)) != 0) return 1;
  getsockname(fd, (struct sockaddr *)&address, &length);
  printf("%d\n", ntohs(is_ipv6 ? ((struct sockaddr_in6 *)&address)->sin6_port : ((struct sockaddr_in *)&address)->sin_port));
  fflush(stdout);
  alarm(10);
  char byte[1], control[128];
  struct iovec data = {byte, sizeof byte};
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  if (recvmsg(fd, &message, 0) < 0) return 1;
  for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part != NULL; part = CMSG_NXTHDR(&message, part)) {
    int octet = 0;
    if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_TOS) octet = *(unsigned char *)CMSG_DATA(part);
    else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_TCLASS) memcpy(&octet, CMSG_DATA(part), sizeof octet);
    else continue;
    printf("%d\n", octet);
  }
  return 0;
}
