"""Words of which made-up applications are put together, Chinese and English side by side."""


def _pool(text):
    return [tuple(part.strip() for part in line.split("|")) for line in text.strip().splitlines()]


SUBJECTS = _pool("""
量子密钥分发 | quantum key distribution | quantum
量子纠错编码 | quantum error-correcting codes | quantum
低轨卫星互联网 | low-orbit satellite internet | satellite
北斗高精度定位 | high-precision satellite positioning | satellite
大语言模型 | large language models | ai
多模态理解 | multimodal understanding | ai
图神经网络 | graph neural networks | ai
6G太赫兹通信 | 6G terahertz communication | mobile
5G网络切片 | 5G network slicing | mobile
零信任访问控制 | zero-trust access control | security
同态加密 | homomorphic encryption | security
入侵检测 | intrusion detection | security
云原生调度 | cloud-native scheduling | cloud
超级计算机互连 | supercomputer interconnects | cloud
流式数据处理 | stream processing | big-data
时序数据库 | time-series databases | big-data
窄带物联网 | narrow-band Internet of Things | iot
智能电表 | smart meters | iot
RISC-V处理器 | RISC-V processors | chips
微内核操作系统 | microkernel operating systems | chips
工业互联网平台 | industrial internet platforms | industrial
柔性生产线 | flexible production lines | industrial
人形机器人 | humanoid robots | robotics
手术机器人 | surgical robots | robotics
分布式数字身份 | decentralized digital identity | blockchain
联盟链共识 | consortium-chain consensus | blockchain
港口数字孪生 | digital twins of ports | digital-twins
虚拟现实交互 | virtual-reality interaction | digital-twins
开源编译器 | open-source compilers | open-source
软件供应链 | software supply chains | open-source
远程医疗 | telemedicine | health
医学影像分析 | medical image analysis | health
无障碍阅读 | accessible reading | other
""")
"""With the area of each."""
WAYS = _pool("""
的可证明安全方法 | Provably secure methods for
的高能效实现 | Energy-efficient
的关键技术与应用 | Key technologies and applications of
的理论界限 | Theoretical limits of
的开放平台 | An open platform for
的自适应优化 | Adaptive optimization of
的端到端验证 | End-to-end verification of
的大规模部署 | Large-scale deployment of
的国际标准 | International standards for
的可信评测体系 | A trustworthy evaluation framework for
的轻量协议 | Lightweight protocols for
的故障自愈 | Self-healing
""")
PLACES = _pool("""
面向城域网 | in metropolitan networks
面向乡村 | for rural communities
面向远洋航运 | at sea
面向电网 | in power grids
面向中小学 | for schools
面向高原铁路 | on high-altitude railways
面向灾害应急 | in disaster response
|
面向智慧农业 | for precision agriculture
面向跨境贸易 | in cross-border trade
面向航空航天 | in aerospace
""")
TOWNS = _pool("""
江北 | Jiangbei
云州 | Yunzhou
临海 | Linhai
青原 | Qingyuan
望山 | Wangshan
北辰 | Beichen
新港 | Newport
海德 | Heide
圣玛丽 | St. Mary’s
奥莱 | Orley
卡伦 | Karen
松岛 | Matsushima
汉江 | Hangang
若昂 | São João
布雷 | Bré
林登 | Linden
格兰特 | Grant
维拉 | Villa Nova
""")
HOUSES = _pool("""
大学 | University
理工学院 | Institute of Technology
通信研究院 | Telecommunications Research Institute
科技有限公司 | Technologies Ltd.
国家实验室 | National Laboratory
医院信息中心 | Hospital Informatics Centre
""")
SURNAMES = _pool("""
王 | Wang
李 | Li
张 | Zhang
刘 | Liu
陈 | Chen
杨 | Yang
赵 | Zhao
黄 | Huang
周 | Zhou
吴 | Wu
徐 | Xu
孙 | Sun
马 | Ma
朱 | Zhu
林 | Lin
何 | He
穆 | Muller
史 | Smith
""")
GIVEN = _pool("""
晓雯 | Xiaowen
志远 | Zhiyuan
建国 | Jianguo
雪梅 | Xuemei
思远 | Siyuan
天宇 | Tianyu
若曦 | Ruoxi
明哲 | Mingzhe
海燕 | Haiyan
安娜 | Anna
伟 | Wei
静 | Jing
磊 | Lei
佳怡 | Jiayi
子轩 | Zixuan
""")
ROLES = _pool("""
课题负责人 | Lead researcher
系统设计 | System design
实验验证 | Experiments
工程实施 | Engineering
""")
COUNTRIES = dict.fromkeys(
    ["RU", "BR", "KE", "NL", "SE", "FI", "IT", "ES", "CH", "CA", "AU", "ZA", "EG", "NG", "MX", "AR", "CL", "ID", "MY", "TH", "VN"], 1
)
COUNTRIES |= {"CN": 44, "US": 7, "DE": 5, "GB": 5, "JP": 5, "KR": 4, "SG": 4, "FR": 3, "IN": 3, "SA": 1, "AE": 1, "TR": 1, "PL": 1, "PT": 1}
"""How often each is chosen."""
